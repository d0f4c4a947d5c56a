package io.swoole.server;

import java.util.concurrent.ConcurrentMap;

import io.netty.buffer.ByteBuf;

/**
 * A client's connection. May be kept and used from any thread; once the connection has
 * ended its operations return {@code false}.
 */
public interface Connection {

	/**
	 * The session id: counted up for every accepted connection, from 1 or what follows
	 * {@code start-session-id}, and never used again while the server lives. It is not
	 * the descriptor of the operating system.
	 * @return the id
	 */
	long fd();

	/**
	 * Queues bytes; see {@link SwooleServer#send(long, byte[])}.
	 * @param data the bytes, at least one
	 * @return {@code false} if nothing was queued
	 */
	boolean send(byte[] data);

	/**
	 * Queues text as UTF-8; see {@link SwooleServer#send(long, CharSequence)}.
	 * @param data the text, at least one character
	 * @return {@code false} if nothing was queued
	 */
	boolean send(CharSequence data);

	/**
	 * Queues the readable bytes of a buffer, which the server then owns; see
	 * {@link SwooleServer#send(long, ByteBuf)}.
	 * @param data the bytes, at least one
	 * @return {@code false} if nothing was queued
	 */
	boolean send(ByteBuf data);

	/**
	 * Queues a packet the way handlers of this listener see packets: where
	 * {@code package-strip} is set, the header or terminator is added that is stripped
	 * from received packets, so that only the body is given here; bytes of the header
	 * that are not the length are zero. Elsewhere it is the same as
	 * {@link #send(byte[])}. Not in Swoole.
	 * @param body the body of the packet; where something is added it may be empty
	 * @return {@code false} if nothing was queued
	 * @throws IllegalArgumentException if the length of the packet does not fit into its
	 * header
	 */
	boolean sendPacket(byte[] body);

	/**
	 * Queues a packet of text in UTF-8; see {@link #sendPacket(byte[])}.
	 * @param body the body of the packet; where something is added it may be empty
	 * @return {@code false} if nothing was queued
	 * @throws IllegalArgumentException if the length of the packet does not fit into its
	 * header
	 */
	boolean sendPacket(CharSequence body);

	/**
	 * Queues a packet of the readable bytes of a buffer, which the server then owns; see
	 * {@link #sendPacket(byte[])}.
	 * @param body the body of the packet; where something is added it may be empty
	 * @return {@code false} if nothing was queued
	 * @throws IllegalArgumentException if the length of the packet does not fit into its
	 * header
	 */
	boolean sendPacket(ByteBuf body);

	/**
	 * Closes the connection after its queued output has been written; see
	 * {@link SwooleServer#close(long)}.
	 * @return {@code true} if the request was accepted
	 */
	boolean close();

	/**
	 * Closes the connection; see {@link SwooleServer#close(long, boolean)}.
	 * @param reset {@code true} to discard output that is still queued
	 * @return {@code true} if the request was accepted
	 */
	boolean close(boolean reset);

	/**
	 * Makes the connection a member of a group; see {@link SwooleServer#join}.
	 * @param group the name of the group
	 * @return {@code false} if the connection has ended
	 */
	boolean join(String group);

	/**
	 * Makes the connection no member of a group any more; see {@link SwooleServer#leave}.
	 * @param group the name of the group
	 * @return {@code false} if the connection has ended
	 */
	boolean leave(String group);

	/**
	 * Whether the connection is live: established and not being closed.
	 * @return {@code true} if data can be sent
	 */
	boolean isOpen();

	/**
	 * The facts of this connection as of now, also after it has ended.
	 * @return a snapshot
	 */
	ClientInfo clientInfo();

	/**
	 * Binds this connection to a user, once; see {@link SwooleServer#bind}.
	 * @param uid the user
	 * @return {@code false} if it is bound already or has ended
	 * @throws IllegalArgumentException if the uid is not greater than 0
	 */
	boolean bind(long uid);

	/**
	 * A map for whatever the application wants to remember with this connection. Made on
	 * first use; safe for use from any thread.
	 * @return the attributes
	 */
	ConcurrentMap<String, Object> attributes();

}
