package io.swoole.server;

/**
 * The kinds of sockets a server listens on. Swoole: {@code SWOOLE_SOCK_*}.
 */
public enum ListenerType {

	/** TCP over IPv4. */
	TCP,

	/** TCP over IPv6. */
	TCP6

}
