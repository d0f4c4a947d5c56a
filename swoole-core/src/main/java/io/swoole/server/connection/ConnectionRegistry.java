package io.swoole.server.connection;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.channel.Channel;
import io.swoole.server.Connection;
import io.swoole.server.Internal;
import io.swoole.server.group.Members;
import org.jspecify.annotations.Nullable;

/**
 * Finds connections by fd. A connection is in it from accept until its socket is closed
 * and its close callback has returned.
 */
@Internal
public final class ConnectionRegistry {

	private final ConcurrentHashMap<Long, NettyConnection> connections = new ConcurrentHashMap<>();

	/** The same, in order; a look-up by fd is quicker above. */
	private final ConcurrentSkipListMap<Long, NettyConnection> ordered = new ConcurrentSkipListMap<>();

	/** The same, to go through all of them. */
	private final Members<NettyConnection> members = new Members<>();

	/** Sockets without connection that wait for their client to end its side. */
	private final AtomicInteger lingering = new AtomicInteger();

	private volatile boolean refusing;

	/**
	 * Finds a connection.
	 * @param fd its session id
	 * @return the connection, {@code null} if there is none
	 */
	public @Nullable NettyConnection find(long fd) {
		return this.connections.get(fd);
	}

	/**
	 * All connections; safe to go through while others come and go.
	 * @return the connections
	 */
	public Collection<NettyConnection> all() {
		return this.members;
	}

	/**
	 * The open connections behind one, in the order of their fds.
	 * @param fd the one before the first, which need not exist any more
	 * @param most how many at most
	 * @return their fds
	 */
	public List<Long> openAfter(long fd, int most) {
		List<Long> fds = new ArrayList<>(most);
		for (NettyConnection connection : this.ordered.tailMap(fd, false).values()) {
			if (connection.isOpen()) {
				fds.add(connection.fd());
				if (fds.size() == most) {
					break;
				}
			}
		}
		return Collections.unmodifiableList(fds);
	}

	/**
	 * The open connections, in the order of their fds.
	 * @return goes through them while others come and go
	 */
	public Iterator<Connection> open() {
		return new OpenConnections(this.ordered.values().iterator());
	}

	/**
	 * How many connections there are.
	 * @return the number
	 */
	public int size() {
		return this.connections.size();
	}

	/**
	 * How many sockets wait for their client to end its side, without a connection. What
	 * they have written may still be on its way.
	 * @return the number
	 */
	public int lingering() {
		return this.lingering.get();
	}

	/** A socket is about to outlive its connection. */
	void linger(Channel channel) {
		this.lingering.incrementAndGet();
		channel.closeFuture().addListener((future) -> this.lingering.decrementAndGet());
	}

	/**
	 * Takes no more connections: the server stops.
	 */
	public void refuse() {
		this.refusing = true;
	}

	/**
	 * Adds a connection.
	 * @return its place among all, {@code -1} if it is refused
	 */
	int add(NettyConnection connection) {
		Long fd = connection.fd();
		this.connections.put(fd, connection);
		this.ordered.put(fd, connection);
		int place = this.members.enter(connection);
		// whoever goes through all connections after refuse() misses none
		if (this.refusing) {
			remove(connection, place);
			return -1;
		}
		return place;
	}

	void remove(NettyConnection connection, int place) {
		Long fd = connection.fd();
		this.connections.remove(fd, connection);
		this.ordered.remove(fd, connection);
		this.members.leave(place);
	}

	/**
	 * Leaves out connections that are being closed.
	 */
	private static final class OpenConnections implements Iterator<Connection> {

		private final Iterator<NettyConnection> all;

		private @Nullable NettyConnection next;

		OpenConnections(Iterator<NettyConnection> all) {
			this.all = all;
			advance();
		}

		private void advance() {
			this.next = null;
			while (this.next == null && this.all.hasNext()) {
				NettyConnection candidate = this.all.next();
				if (candidate.isOpen()) {
					this.next = candidate;
				}
			}
		}

		@Override
		public boolean hasNext() {
			return this.next != null;
		}

		@Override
		public Connection next() {
			NettyConnection result = this.next;
			if (result == null) {
				throw new NoSuchElementException();
			}
			advance();
			return result;
		}

	}

}
