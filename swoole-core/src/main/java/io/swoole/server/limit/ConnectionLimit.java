package io.swoole.server.limit;

import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.swoole.server.Internal;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleError;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many connections may be open, in all and from one address. A connection counts from
 * the moment it is accepted until nothing is left of it: one whose close callback has to
 * wait for a busy worker keeps its place, so that clients which come again and again
 * cannot fill the memory.
 */
@Internal
public final class ConnectionLimit {

	private static final Logger logger = LoggerFactory.getLogger(ConnectionLimit.class);

	private static final int DEFAULT = 100_000;

	private final int most;

	private final int mostPerAddress;

	private final AtomicInteger open = new AtomicInteger();

	private final ConcurrentHashMap<InetAddress, Integer> perAddress = new ConcurrentHashMap<>();

	/**
	 * Creates the limit of a server.
	 * @param options its settings
	 */
	public ConnectionLimit(ServerOptions options) {
		this(effective(options.maxConnection(), OpenFiles.limit()), options.maxConnectionPerIp());
	}

	ConnectionLimit(int most, int mostPerAddress) {
		this.most = most;
		this.mostPerAddress = mostPerAddress;
	}

	static int effective(int wanted, long openFiles) {
		if (wanted == 0) {
			return (int) Math.min(DEFAULT, openFiles);
		}
		if (wanted > openFiles) {
			logger.warn("max-connection of {} is lowered to {}: the operating system lets this process open no more"
					+ " files (ulimit -n)", wanted, openFiles);
		}
		return (int) Math.min(wanted, openFiles);
	}

	/**
	 * Takes a place for one more connection.
	 * @return the place, {@code null} if all are taken
	 */
	public @Nullable Lease lease() {
		int now = this.open.get();
		while (now < this.most) {
			if (this.open.compareAndSet(now, now + 1)) {
				return new Lease(this);
			}
			now = this.open.get();
		}
		return null;
	}

	/**
	 * Why {@link #lease()} has refused.
	 * @return the reason
	 */
	public String full() {
		return "max-connection of " + this.most + " is reached (" + SwooleError.TOO_MANY_SOCKET.code() + ")";
	}

	/**
	 * Why {@link Lease#claim} has refused.
	 * @return the reason
	 */
	public String fullPerAddress() {
		return "max-connection-per-ip of " + this.mostPerAddress + " is reached";
	}

	boolean enter(InetAddress address) {
		while (true) {
			Integer count = this.perAddress.putIfAbsent(address, 1);
			if (count == null) {
				return true;
			}
			if (count >= this.mostPerAddress) {
				return false;
			}
			if (this.perAddress.replace(address, count, count + 1)) {
				return true;
			}
		}
	}

	boolean isPerAddress() {
		return this.mostPerAddress > 0;
	}

	void leave(@Nullable InetAddress address) {
		if (address != null) {
			this.perAddress.computeIfPresent(address, (key, count) -> (count > 1) ? count - 1 : null);
		}
		this.open.decrementAndGet();
	}

	/**
	 * How many places are taken.
	 * @return the number
	 */
	public int open() {
		return this.open.get();
	}

	int addresses() {
		return this.perAddress.size();
	}

}
