package io.swoole.server.connection;

import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.swoole.server.Internal;
import io.swoole.server.SwooleError;
import io.swoole.server.group.Groups;

/**
 * The connections that are reached together: all, those of a group, those of a user. From
 * any thread.
 */
@Internal
public final class Audience {

	private final ConnectionRegistry registry;

	private final ServerCounters counters;

	private final LastError lastError;

	private final int reactors;

	private final long longest;

	private final Groups<String, NettyConnection> groups = new Groups<>();

	private final Groups<Long, NettyConnection> users = new Groups<>();

	/**
	 * Creates the audience of a server.
	 * @param registry has all connections
	 * @param counters counts what is sent
	 * @param lastError remembers why something was refused
	 * @param reactors how many event loops there are
	 * @param longest how many bytes may be sent at once
	 */
	public Audience(ConnectionRegistry registry, ServerCounters counters, LastError lastError, int reactors,
			long longest) {
		this.registry = registry;
		this.counters = counters;
		this.lastError = lastError;
		this.reactors = reactors;
		this.longest = longest;
	}

	boolean join(String group, NettyConnection connection) {
		return this.groups.join(group, connection);
	}

	void leave(String group, NettyConnection connection) {
		this.groups.leave(group, connection);
	}

	void bound(long uid, NettyConnection connection) {
		this.users.join(uid, connection);
	}

	/** A connection has ended. */
	void left(NettyConnection connection) {
		this.groups.leaveAll(connection);
		if (connection.attachments().uid() != 0) {
			this.users.leaveAll(connection);
		}
	}

	/**
	 * The open connections of a group.
	 * @param group the name of the group
	 * @return their fds
	 */
	public Set<Long> group(String group) {
		Set<Long> fds = new HashSet<>();
		for (NettyConnection connection : this.groups.members(group)) {
			if (connection.isOpen()) {
				fds.add(connection.fd());
			}
		}
		return Collections.unmodifiableSet(fds);
	}

	/**
	 * Sends to all connections.
	 * @param data the bytes
	 * @return how many have accepted them
	 */
	public int broadcast(byte[] data) {
		return send("broadcast", this.registry.all(), data);
	}

	/**
	 * Sends to the connections of a group.
	 * @param group the name of the group
	 * @param data the bytes
	 * @return how many have accepted them
	 */
	public int broadcast(String group, byte[] data) {
		return send("broadcast", this.groups.members(group), data);
	}

	/**
	 * Sends to the connections of a user.
	 * @param uid the user
	 * @param data the bytes
	 * @return how many have accepted them
	 */
	public int sendToUser(long uid, byte[] data) {
		return send("sendToUser", this.users.members(uid), data);
	}

	private int send(String operation, Collection<NettyConnection> connections, byte[] data) {
		SwooleError error = (data.length == 0) ? SwooleError.NO_PAYLOAD
				: (data.length > this.longest) ? SwooleError.DATA_LENGTH_TOO_LARGE : SwooleError.NONE;
		if (!this.lastError.succeeded(operation, -1, error) || connections.isEmpty()) {
			return 0;
		}
		ByteBuf shared = ByteBufAllocator.DEFAULT.directBuffer(data.length, data.length).writeBytes(data);
		Broadcast broadcast = new Broadcast(shared, this.reactors);
		connections.forEach(broadcast::offer);
		int accepted = broadcast.send();
		this.counters.caller().responses.add(accepted);
		return accepted;
	}

}
