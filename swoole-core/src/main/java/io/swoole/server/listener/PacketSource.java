package io.swoole.server.listener;

import java.net.InetSocketAddress;

import io.netty.channel.unix.DomainSocketAddress;

/**
 * The address a datagram came from. Remembers which listener received it: where several
 * have the same port, on different addresses, the answer leaves from the right one.
 */
interface PacketSource {

	/** The name of the listener. */
	String listener();

	/**
	 * The source of a UDP datagram.
	 */
	final class Inet extends InetSocketAddress implements PacketSource {

		private static final long serialVersionUID = 1L;

		private final String listener;

		Inet(InetSocketAddress address, String listener) {
			super(address.getAddress(), address.getPort());
			this.listener = listener;
		}

		@Override
		public String listener() {
			return this.listener;
		}

	}

	/**
	 * The source of a unix datagram.
	 */
	final class Unix extends DomainSocketAddress implements PacketSource {

		private static final long serialVersionUID = 1L;

		private final String listener;

		Unix(DomainSocketAddress address, String listener) {
			super(address.path());
			this.listener = listener;
		}

		@Override
		public String listener() {
			return this.listener;
		}

	}

}
