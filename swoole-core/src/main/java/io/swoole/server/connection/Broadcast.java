package io.swoole.server.connection;

import java.util.ArrayList;
import java.util.List;

import io.netty.buffer.ByteBuf;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.Reactor;
import org.jspecify.annotations.Nullable;

/**
 * Brings the same bytes to many connections: they are in memory once, and each event loop
 * is woken once, whatever the number of connections.
 */
final class Broadcast {

	/** To how many connections an event writes, before others get on. */
	private static final int WRITES = 32;

	/** How many connections are asked together whether they accept. */
	private static final int BATCH = 64;

	private final ByteBuf data;

	private final int length;

	private final @Nullable Share[] shares;

	/** Those that have not been asked yet. */
	private final NettyConnection[] offered = new NettyConnection[BATCH];

	private int count;

	private int accepted;

	/**
	 * Creates a broadcast.
	 * @param data the bytes, which this object takes over
	 * @param reactors how many event loops there are
	 */
	Broadcast(ByteBuf data, int reactors) {
		this.data = data;
		this.length = data.readableBytes();
		this.shares = new @Nullable Share[reactors];
	}

	/** Adds a connection, which may still refuse. */
	void offer(NettyConnection connection) {
		this.offered[this.count++] = connection;
		if (this.count == this.offered.length) {
			accept();
		}
	}

	/**
	 * Asks those that have been offered. What this takes of each connection is rarely in
	 * the caches of the processor. The first loop changes nothing, so that it is fetched
	 * for several connections at a time; in the second one each waits for the one before.
	 */
	private void accept() {
		int open = 0;
		for (int i = 0; i < this.count; i++) {
			NettyConnection connection = this.offered[i];
			if (connection.pending().hasRoom()) {
				this.offered[open++] = connection;
			}
		}
		for (int i = 0; i < open; i++) {
			NettyConnection connection = this.offered[i];
			if (connection.pending().tryAdd(this.length)) {
				this.accepted++;
				share(connection.reactor()).add(connection);
			}
		}
		this.count = 0;
	}

	private Share share(Reactor reactor) {
		Share share = this.shares[reactor.id()];
		if (share == null) {
			share = new Share(reactor);
			this.shares[reactor.id()] = share;
		}
		return share;
	}

	/**
	 * Sends to all that accept.
	 * @return how many these are
	 */
	int send() {
		accept();
		for (Share share : this.shares) {
			if (share != null) {
				share.send();
			}
		}
		this.data.release();
		return this.accepted;
	}

	/**
	 * The connections of one event loop.
	 */
	private final class Share {

		private final Reactor reactor;

		private final List<WriteEvent> events = new ArrayList<>();

		private WriteEvent last = new WriteEvent(Broadcast.this.data);

		Share(Reactor reactor) {
			this.reactor = reactor;
			this.events.add(this.last);
		}

		void add(NettyConnection connection) {
			if (!this.last.add(connection)) {
				this.last = new WriteEvent(Broadcast.this.data);
				this.last.add(connection);
				this.events.add(this.last);
			}
		}

		void send() {
			boolean atOnce = this.reactor.inEventLoop();
			for (WriteEvent event : this.events) {
				event.retain();
				if (atOnce) {
					// later sends of this thread will not wait for the mailbox either
					event.run();
				}
				else {
					this.reactor.post(event);
				}
			}
		}

	}

	/**
	 * Writes to some connections of one event loop.
	 */
	private static final class WriteEvent extends Event {

		private final ByteBuf data;

		private final @Nullable NettyConnection[] connections = new @Nullable NettyConnection[WRITES];

		private int count;

		WriteEvent(ByteBuf data) {
			this.data = data;
		}

		boolean add(NettyConnection connection) {
			if (this.count == WRITES) {
				return false;
			}
			this.connections[this.count++] = connection;
			return true;
		}

		/** One reference for each connection, which goes with its duplicate. */
		void retain() {
			this.data.retain(this.count);
		}

		@Override
		public void run() {
			for (NettyConnection connection : this.connections) {
				if (connection != null) {
					connection.writeShared(this.data.duplicate());
				}
			}
		}

		@Override
		public void discard() {
			this.data.release(this.count);
		}

	}

}
