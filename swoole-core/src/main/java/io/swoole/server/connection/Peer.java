package io.swoole.server.connection;

import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.security.cert.X509Certificate;

import io.netty.channel.Channel;
import io.netty.channel.unix.DomainSocketAddress;
import io.swoole.server.Internal;
import io.swoole.server.SwooleError;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of one connection, and how it has broken that off.
 */
@Internal
public final class Peer {

	private final SocketAddress address;

	private volatile @Nullable X509Certificate certificate;

	private volatile int closeErrno;

	/** Its address is the one that was announced, if any was, else that of the socket. */
	Peer(Channel channel, @Nullable SocketAddress announced) {
		this.address = (announced != null) ? announced : addressOf(channel);
	}

	/** The address at a socket, of the same type on every transport. */
	private static SocketAddress addressOf(Channel channel) {
		@Nullable SocketAddress remote = channel.remoteAddress();
		if (remote == null) {
			// the client of a unix socket, which usually has no name
			return UnixDomainSocketAddress.of("");
		}
		return (remote instanceof DomainSocketAddress unix) ? UnixDomainSocketAddress.of(unix.path()) : remote;
	}

	/**
	 * The address of the client.
	 * @return the address
	 */
	public SocketAddress address() {
		return this.address;
	}

	/**
	 * The client has shown who it is; before the connection is established.
	 * @param certificate its certificate, {@code null} if it has shown none
	 */
	public void identified(@Nullable X509Certificate certificate) {
		this.certificate = certificate;
	}

	/** The certificate it has shown, if any. */
	@Nullable X509Certificate certificate() {
		return this.certificate;
	}

	/**
	 * The connection is broken; from any thread.
	 * @param cause the failure of a read or a write
	 */
	public void broken(Throwable cause) {
		if (PeerReset.is(cause)) {
			this.closeErrno = SwooleError.ECONNRESET.code();
		}
	}

	/** How it has broken the connection off, 0 if it has not. */
	int closeErrno() {
		return this.closeErrno;
	}

}
