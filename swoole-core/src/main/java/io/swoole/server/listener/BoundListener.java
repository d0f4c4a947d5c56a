package io.swoole.server.listener;

import java.net.SocketAddress;

import io.swoole.server.Listener;

/**
 * A listener whose sockets are bound. It is silent until it is told to accept.
 */
interface BoundListener {

	/** What users see of it. */
	Listener listener();

	/** The address it is bound to. */
	SocketAddress address();

	/** Begins to accept connections, or to receive datagrams. */
	void accept();

	/** Takes nothing new from now on; answers can still be sent. */
	void stopAccepting();

	/** Closes the sockets; returns when they are closed, or a callback holds them. */
	void close();

}
