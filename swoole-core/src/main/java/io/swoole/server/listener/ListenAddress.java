package io.swoole.server.listener;

import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;

import io.netty.channel.Channel;
import io.netty.channel.unix.Errors;
import io.swoole.server.Listener;
import io.swoole.server.ListenerOptions;
import io.swoole.server.PortInUseException;
import io.swoole.server.ServerException;
import io.swoole.server.transport.Transport;
import org.jspecify.annotations.Nullable;

/**
 * From the address in the options to the one to bind, and from there to what users see.
 */
final class ListenAddress {

	private ListenAddress() {
	}

	/** The address to bind, in the family the type of the listener asks for. */
	static SocketAddress of(ListenerOptions options, Transport transport) {
		if (options.type().isUnix()) {
			return transport.unixAddress(options.host());
		}
		try {
			for (InetAddress address : InetAddress.getAllByName(options.host())) {
				if (address instanceof Inet6Address == options.type().isIpv6()) {
					return new InetSocketAddress(address, options.port());
				}
			}
		}
		catch (UnknownHostException ex) {
			throw failure(options, ex);
		}
		throw failure(options, new UnknownHostException(
				options.host() + " has no " + (options.type().isIpv6() ? "IPv6" : "IPv4") + " address"));
	}

	/** What users see of a listener whose socket is bound. */
	static Listener describe(ListenerOptions options, Channel channel) {
		int port = (channel.localAddress() instanceof InetSocketAddress address) ? address.getPort() : 0;
		return new Listener(options.name(), options.type(), options.host(), port, options.ssl() != null);
	}

	/** Why a socket could not be bound. */
	static ServerException failure(ListenerOptions options, @Nullable Throwable cause) {
		for (Throwable next = cause; next != null; next = next.getCause()) {
			boolean refused = next instanceof BindException || next instanceof Errors.NativeIoException;
			if (refused && String.valueOf(next.getMessage()).contains("in use")) {
				return new PortInUseException(options.name(), options.host(), options.port(), next);
			}
		}
		String address = options.type().isUnix() ? options.host() : options.host() + ":" + options.port();
		String settings = options.type().isUnix() ? "host" : "host and port";
		return new ServerException("Listener '" + options.name() + "' cannot be bound to " + address + ": " + cause
				+ ". Check " + settings + " of the listener", cause);
	}

}
