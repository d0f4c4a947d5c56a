package io.swoole.server.connection;

import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

import io.netty.channel.Channel;
import io.netty.channel.unix.DomainSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The address of a client, of the same type on every transport.
 */
final class PeerAddress {

	private PeerAddress() {
	}

	static SocketAddress of(Channel channel) {
		@Nullable SocketAddress remote = channel.remoteAddress();
		if (remote == null) {
			// the client of a unix socket, which usually has no name
			return UnixDomainSocketAddress.of("");
		}
		return (remote instanceof DomainSocketAddress unix) ? UnixDomainSocketAddress.of(unix.path()) : remote;
	}

}
