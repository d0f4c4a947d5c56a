package io.swoole.server;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How a packet finds its worker. Swoole: {@code dispatch_mode}, whose numbers these modes
 * keep.
 * <p>
 * A connection belongs to one worker, its owner, from accept to close. In the modes
 * {@link #FIXED}, {@link #IP_HASH} and {@link #PINNED} the owner gets its packets too, in
 * order. The other modes choose a worker packet by packet: the packets of one connection
 * may then overtake each other, and so may the replies.
 */
public enum DispatchMode {

	/**
	 * Every packet goes to the next worker in turn, over all connections. Connect, close
	 * and buffer events only with {@code enable-unsafe-event}.
	 */
	ROUND_ROBIN(1),

	/** Every packet of a connection goes to the same worker: fd modulo worker-num. */
	FIXED(2),

	/**
	 * Every packet goes to the next worker that runs no callback; if all do, to the next
	 * in turn. Connect, close and buffer events only with {@code enable-unsafe-event}.
	 */
	IDLE_FIRST(3),

	/** All connections of a client's address go to the same worker. */
	IP_HASH(4),

	/**
	 * Packets go to the worker of the user id that has been bound to the connection: uid
	 * modulo worker-num. Until then as {@link #FIXED}.
	 */
	UID(5),

	/** As {@link #IDLE_FIRST}. Swoole has deprecated it. */
	STREAM(7),

	/**
	 * A new connection goes to the worker with the fewest packets queued and running, and
	 * stays there.
	 */
	PINNED(8),

	/**
	 * Every packet goes to the worker with the fewest packets queued and running.
	 * Connect, close and buffer events only with {@code enable-unsafe-event}.
	 */
	LEAST_BUSY(9),

	/** As {@link #LEAST_BUSY}; Swoole counts HTTP requests only. */
	LEAST_CONCURRENT(10);

	private final int number;

	DispatchMode(int number) {
		this.number = number;
	}

	/**
	 * Finds a mode by Swoole's number or by its name.
	 * @param value a number such as {@code 2}, or a name such as {@code ip-hash}, in any
	 * case, with {@code -} or {@code _}
	 * @return the mode
	 * @throws IllegalArgumentException if there is no such mode, saying what there is
	 */
	public static DispatchMode of(String value) {
		String name = value.trim().toUpperCase(Locale.ROOT).replace('-', '_');
		for (DispatchMode mode : values()) {
			if (mode.name().equals(name) || name.equals(Integer.toString(mode.number))) {
				return mode;
			}
		}
		throw new IllegalArgumentException("There is no dispatch mode '" + value + "': allowed are "
				+ Arrays.stream(values())
					.map((mode) -> mode.number + " or " + mode.name().toLowerCase(Locale.ROOT).replace('_', '-'))
					.collect(Collectors.joining(", "))
				+ "; for a function of your own implement DispatchStrategy");
	}

	/**
	 * Swoole's number of this mode.
	 * @return the number
	 */
	public int number() {
		return this.number;
	}

	/**
	 * Whether a worker is chosen for every packet, so that packets of one connection may
	 * be handled side by side and in another order.
	 * @return {@code false} if the owner of the connection gets all its packets
	 */
	public boolean isPerPacket() {
		return switch (this) {
			case FIXED, IP_HASH, PINNED -> false;
			default -> true;
		};
	}

	/**
	 * Whether connect, close and buffer events need {@code enable-unsafe-event}, because
	 * they may overtake packets or be overtaken by them.
	 * @return {@code true} for 1, 3, 7, 9 and 10
	 */
	public boolean isUnordered() {
		return isPerPacket() && this != UID;
	}

}
