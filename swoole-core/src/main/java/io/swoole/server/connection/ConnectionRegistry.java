package io.swoole.server.connection;

import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;

import io.swoole.server.Internal;
import org.jspecify.annotations.Nullable;

/**
 * Finds connections by fd. A connection is in it from accept until its socket is closed
 * and its close callback has returned.
 */
@Internal
public final class ConnectionRegistry {

	private final ConcurrentHashMap<Long, NettyConnection> connections = new ConcurrentHashMap<>();

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
		return this.connections.values();
	}

	/**
	 * How many connections there are.
	 * @return the number
	 */
	public int size() {
		return this.connections.size();
	}

	/**
	 * Takes no more connections: the server stops.
	 */
	public void refuse() {
		this.refusing = true;
	}

	boolean add(NettyConnection connection) {
		this.connections.put(connection.fd(), connection);
		// whoever goes through all connections after refuse() misses none
		if (this.refusing) {
			remove(connection);
			return false;
		}
		return true;
	}

	void remove(NettyConnection connection) {
		this.connections.remove(connection.fd(), connection);
	}

}
