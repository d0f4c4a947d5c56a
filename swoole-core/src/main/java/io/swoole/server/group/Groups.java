package io.swoole.server.group;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.swoole.server.Connection;
import io.swoole.server.Internal;

/**
 * Named sets of connections. A group exists while it has members; a connection that ends
 * leaves all of its groups. May be used from any thread, and gone through while others
 * come and go.
 *
 * @param <K> the type of the names
 * @param <C> the type of the connections
 */
@Internal
public final class Groups<K, C extends Connection> {

	private final ConcurrentHashMap<K, Set<C>> members = new ConcurrentHashMap<>();

	/** The groups of each connection that is in any. */
	private final ConcurrentHashMap<C, Set<K>> groups = new ConcurrentHashMap<>();

	/**
	 * Makes a connection a member of a group.
	 * @param group the name of the group
	 * @param connection the connection
	 * @return {@code false} if the connection has ended
	 */
	public boolean join(K group, C connection) {
		add(this.members, group, connection);
		add(this.groups, connection, group);
		// it may have ended, and left its groups, in the meantime
		if (!connection.isOpen()) {
			leave(group, connection);
			return false;
		}
		return true;
	}

	/**
	 * Makes a connection no member of a group any more.
	 * @param group the name of the group
	 * @param connection the connection
	 */
	public void leave(K group, C connection) {
		remove(this.groups, connection, group);
		remove(this.members, group, connection);
	}

	/**
	 * Makes a connection that has ended no member of any group any more.
	 * @param connection the connection
	 */
	public void leaveAll(C connection) {
		Set<K> all = this.groups.isEmpty() ? null : this.groups.remove(connection);
		if (all != null) {
			all.forEach((group) -> remove(this.members, group, connection));
		}
	}

	/**
	 * The members of a group.
	 * @param group the name of the group
	 * @return a view, none if there is no such group
	 */
	public Collection<C> members(K group) {
		Set<C> all = this.members.get(group);
		return (all != null) ? all : List.of();
	}

	/**
	 * How many groups there are.
	 * @return the number
	 */
	public int size() {
		return this.members.size();
	}

	private static <A, B> void add(ConcurrentHashMap<A, Set<B>> map, A key, B value) {
		map.compute(key, (same, values) -> {
			Set<B> all = (values != null) ? values : ConcurrentHashMap.newKeySet(1);
			all.add(value);
			return all;
		});
	}

	private static <A, B> void remove(ConcurrentHashMap<A, Set<B>> map, A key, B value) {
		map.computeIfPresent(key, (same, values) -> {
			values.remove(value);
			return values.isEmpty() ? null : values;
		});
	}

}
