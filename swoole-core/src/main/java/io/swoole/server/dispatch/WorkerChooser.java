package io.swoole.server.dispatch;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.swoole.server.DispatchMode;
import io.swoole.server.connection.NettyConnection;
import io.swoole.server.logging.LimitedLog;
import io.swoole.server.worker.Worker;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses workers as the dispatch mode says. Used on all event loops at once.
 */
final class WorkerChooser {

	private static final Logger logger = LoggerFactory.getLogger(WorkerChooser.class);

	private final DispatchMode mode;

	private final List<Worker> workers;

	private final int size;

	/** Kept for modes that look for the worker with the least to do. */
	private final @Nullable WorkerLoads loads;

	private final AtomicInteger turn = new AtomicInteger();

	private final LimitedLog noIdleWorker = new LimitedLog(logger);

	/**
	 * Creates a chooser.
	 * @param mode the dispatch mode
	 * @param workers the workers, which may still be added
	 * @param size how many there will be
	 */
	WorkerChooser(DispatchMode mode, List<Worker> workers, int size) {
		this.mode = mode;
		this.workers = workers;
		this.size = size;
		this.loads = switch (mode) {
			case PINNED, LEAST_BUSY, LEAST_CONCURRENT -> new WorkerLoads(size);
			default -> null;
		};
	}

	@Nullable WorkerLoads loads() {
		return this.loads;
	}

	/** The worker with an id, {@code null} if there is none. */
	@Nullable Worker worker(int id) {
		return (id >= 0 && id < this.size) ? this.workers.get(id) : null;
	}

	/** The owner of a new connection. */
	Worker owner(long fd, @Nullable SocketAddress client) {
		return switch (this.mode) {
			case IP_HASH -> this.workers.get((client != null) ? hash(client) : modulo(fd));
			case PINNED -> this.workers.get(least());
			default -> this.workers.get(modulo(fd));
		};
	}

	/** The worker of the next packet of a connection. */
	Worker forPacket(NettyConnection connection) {
		return switch (this.mode) {
			case FIXED, IP_HASH, PINNED -> connection.worker();
			case ROUND_ROBIN -> this.workers.get(next());
			case IDLE_FIRST, STREAM -> idle();
			case LEAST_BUSY, LEAST_CONCURRENT -> this.workers.get(least());
			case UID -> {
				long uid = connection.attachments().uid();
				yield (uid > 0) ? this.workers.get(modulo(uid)) : connection.worker();
			}
		};
	}

	/** The worker of a datagram, which belongs to no connection. */
	Worker forDatagram(SocketAddress sender) {
		return switch (this.mode) {
			case FIXED, IP_HASH, UID -> this.workers.get(hash(sender));
			case ROUND_ROBIN -> this.workers.get(next());
			case IDLE_FIRST, STREAM -> idle();
			case PINNED, LEAST_BUSY, LEAST_CONCURRENT -> this.workers.get(least());
		};
	}

	private int modulo(long number) {
		return (int) Math.floorMod(number, (long) this.size);
	}

	private int next() {
		return Math.floorMod(this.turn.getAndIncrement(), this.size);
	}

	private int least() {
		WorkerLoads current = this.loads;
		return (current != null) ? current.least() : 0;
	}

	private Worker idle() {
		for (int i = 0; i < this.size; i++) {
			Worker worker = this.workers.get(next());
			if (!worker.isBusy()) {
				return worker;
			}
		}
		this.noIdleWorker
			.warn("No idle worker is available: packets wait. Move slow work into tasks or raise worker-num (9007)");
		return this.workers.get(next());
	}

	/**
	 * An IPv4 address as a big-endian number modulo the number of workers, of everything
	 * else a hash.
	 */
	private int hash(SocketAddress client) {
		if (!(client instanceof InetSocketAddress socket) || socket.getAddress() == null) {
			return Math.floorMod(client.hashCode(), this.size);
		}
		InetAddress address = socket.getAddress();
		byte[] bytes = address.getAddress();
		if (address instanceof Inet4Address) {
			int number = (bytes[0] & 0xff) << 24 | (bytes[1] & 0xff) << 16 | (bytes[2] & 0xff) << 8 | (bytes[3] & 0xff);
			return Integer.remainderUnsigned(number, this.size);
		}
		return Math.floorMod(Arrays.hashCode(bytes), this.size);
	}

}
