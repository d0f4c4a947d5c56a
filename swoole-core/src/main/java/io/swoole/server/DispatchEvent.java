package io.swoole.server;

/**
 * What a {@link DispatchStrategy} is asked about. Swoole: the type given to
 * {@code dispatch_func}.
 */
public enum DispatchEvent {

	/** A packet of a connection. */
	DATA,

	/** A datagram, which belongs to no connection. */
	DATAGRAM,

	/** A new connection. */
	CONNECT,

	/** A connection whose client's side has ended. */
	CLOSE

}
