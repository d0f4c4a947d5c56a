package io.swoole.server.group;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

	private final ConcurrentHashMap<K, Members<C>> members = new ConcurrentHashMap<>();

	/** The groups of each connection that is in any, and its places there. */
	private final ConcurrentHashMap<C, Map<K, Integer>> places = new ConcurrentHashMap<>();

	/**
	 * Makes a connection a member of a group.
	 * @param group the name of the group
	 * @param connection the connection
	 * @return {@code false} if the connection has ended
	 */
	public boolean join(K group, C connection) {
		this.places.compute(connection, (same, known) -> {
			Map<K, Integer> all = (known != null) ? known : new HashMap<>(2);
			if (!all.containsKey(group)) {
				all.put(group, enter(group, connection));
			}
			return all;
		});
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
		Objects.requireNonNull(group);
		this.places.computeIfPresent(connection, (same, all) -> {
			Integer place = all.remove(group);
			if (place != null) {
				exit(group, place);
			}
			return all.isEmpty() ? null : all;
		});
	}

	/**
	 * Makes a connection that has ended no member of any group any more.
	 * @param connection the connection
	 */
	public void leaveAll(C connection) {
		this.places.computeIfPresent(connection, (same, all) -> {
			all.forEach(this::exit);
			return null;
		});
	}

	/**
	 * The members of a group.
	 * @param group the name of the group
	 * @return a view, none if there is no such group; whoever goes through it may meet a
	 * connection twice that leaves and joins again meanwhile
	 */
	public Collection<C> members(K group) {
		Members<C> all = this.members.get(group);
		return (all != null) ? all : List.of();
	}

	/**
	 * How many groups there are.
	 * @return the number
	 */
	public int size() {
		return this.members.size();
	}

	private int enter(K group, C connection) {
		int[] place = new int[1];
		this.members.compute(group, (same, known) -> {
			Members<C> all = (known != null) ? known : new Members<>();
			place[0] = all.enter(connection);
			return all;
		});
		return place[0];
	}

	private void exit(K group, int place) {
		this.members.computeIfPresent(group, (same, all) -> {
			all.leave(place);
			return all.isEmpty() ? null : all;
		});
	}

}
