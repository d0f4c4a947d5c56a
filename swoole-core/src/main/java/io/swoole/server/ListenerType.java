package io.swoole.server;

/**
 * The kinds of sockets a server listens on. Swoole: {@code SWOOLE_SOCK_*}.
 */
public enum ListenerType {

	/** TCP over IPv4. */
	TCP,

	/** TCP over IPv6. */
	TCP6,

	/** UDP over IPv4. */
	UDP,

	/** UDP over IPv6. */
	UDP6,

	/** A stream socket in the file system. */
	UNIX_STREAM,

	/** A datagram socket in the file system. */
	UNIX_DGRAM;

	/**
	 * Whether it receives datagrams, each of which is a packet; otherwise it accepts
	 * connections.
	 * @return {@code true} for {@link #UDP}, {@link #UDP6} and {@link #UNIX_DGRAM}
	 */
	public boolean isDatagram() {
		return this == UDP || this == UDP6 || this == UNIX_DGRAM;
	}

	/**
	 * Whether its address is a path in the file system; otherwise it is a host and a
	 * port.
	 * @return {@code true} for {@link #UNIX_STREAM} and {@link #UNIX_DGRAM}
	 */
	public boolean isUnix() {
		return this == UNIX_STREAM || this == UNIX_DGRAM;
	}

	/**
	 * Whether its address is one of IPv6.
	 * @return {@code true} for {@link #TCP6} and {@link #UDP6}
	 */
	public boolean isIpv6() {
		return this == TCP6 || this == UDP6;
	}

}
