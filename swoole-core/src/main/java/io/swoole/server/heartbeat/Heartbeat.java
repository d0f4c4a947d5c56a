package io.swoole.server.heartbeat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.swoole.server.Internal;
import io.swoole.server.ListenerOptions;
import io.swoole.server.ServerOptions;
import io.swoole.server.connection.NettyConnection;
import io.swoole.server.framing.FrameDecoder;
import org.jspecify.annotations.Nullable;

/**
 * The settings for silent clients and unfinished packets, brought together: how often to
 * look, and what is too long.
 */
@Internal
public final class Heartbeat {

	/** The interval is derived from a shorter idle time only down to this. */
	private static final long LEAST_DERIVED = 1000;

	/** How often a connection is looked at within a time that has no interval set. */
	private static final int CHECKS = 8;

	private static final long LEAST_PERIOD = 20;

	private static final long MOST_PERIOD = 5000;

	private final Map<String, Patience> patience = new HashMap<>();

	private final long periodMillis;

	private volatile long floorMillis;

	/**
	 * Brings the settings of a server together.
	 * @param options the settings
	 */
	public Heartbeat(ServerOptions options) {
		long period = Long.MAX_VALUE;
		for (ListenerOptions listener : options.listeners()) {
			Patience times = Patience.of(options, listener);
			this.patience.put(listener.name(), times);
			period = Math.min(period, interval(options.heartbeatCheckInterval().toMillis(), times.idle()));
			for (long time : new long[] { times.maxIdle(), times.packet(), times.header() }) {
				period = Math.min(period, share(time));
			}
		}
		this.periodMillis = Math.max(LEAST_PERIOD, period);
	}

	/**
	 * How often silent clients are looked for: as set, but at least twice within the idle
	 * time.
	 */
	static long interval(long set, long idle) {
		if (idle == 0) {
			return Long.MAX_VALUE;
		}
		long derived = Math.max(LEAST_DERIVED, idle / 2);
		return (set == 0) ? derived : Math.min(set, derived);
	}

	private static long share(long time) {
		return (time == 0) ? Long.MAX_VALUE : Math.min(time / CHECKS, MOST_PERIOD);
	}

	/** How often to look. */
	long periodMillis() {
		return this.periodMillis;
	}

	/** What happened earlier counts as if it had happened then. */
	long floorMillis() {
		return this.floorMillis;
	}

	/**
	 * The clock of the system has been put forward: nobody has been silent for as long as
	 * it seems.
	 */
	void clockJumped(long now) {
		this.floorMillis = now;
	}

	/**
	 * What watches a connection.
	 * @param connection the connection
	 * @param listener its listener
	 * @param decoder cuts its packets
	 * @param sweep looks after its event loop
	 * @return the watch, {@code null} if the connection may take as long as it wants
	 */
	public @Nullable Watched watch(NettyConnection connection, ListenerOptions listener, FrameDecoder decoder,
			Sweep sweep) {
		Patience times = times(listener);
		return times.isEndless() ? null : new ConnectionWatch(sweep, connection, decoder, times);
	}

	/**
	 * How long a client may take for what comes before its first packet, in milliseconds.
	 * @param listener its listener
	 * @return the time, 0 for ever
	 */
	public long headerMillis(ListenerOptions listener) {
		return times(listener).header();
	}

	/**
	 * Finds the connections whose client has been silent for too long; from any thread.
	 * @param connections the connections to look at
	 * @return those that are
	 */
	public List<NettyConnection> silent(Collection<NettyConnection> connections) {
		long now = System.currentTimeMillis();
		List<NettyConnection> silent = new ArrayList<>();
		for (NettyConnection connection : connections) {
			long idle = times(connection.listener()).idle();
			long since = Math.max(connection.lastReceiveMillis(), this.floorMillis);
			if (idle > 0 && connection.isOpen() && !connection.attachments().isProtected() && now - since >= idle) {
				silent.add(connection);
			}
		}
		return silent;
	}

	private Patience times(ListenerOptions listener) {
		Patience times = this.patience.get(listener.name());
		if (times == null) {
			throw new IllegalArgumentException("There is no listener '" + listener.name() + "'");
		}
		return times;
	}

}
