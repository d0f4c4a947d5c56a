package io.swoole.server.listener;

import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

import io.netty.channel.unix.DomainSocketAddress;
import io.swoole.server.ListenerType;
import io.swoole.server.SwooleError;
import org.jspecify.annotations.Nullable;

/**
 * Finds the listener a datagram is sent from.
 */
final class DatagramRouter {

	/** Looked at from any thread, also while they are bound. */
	private final List<DatagramListener> listeners = new CopyOnWriteArrayList<>();

	void add(DatagramListener listener) {
		this.listeners.add(listener);
	}

	boolean isFlushed() {
		return this.listeners.stream().allMatch(DatagramListener::isFlushed);
	}

	/**
	 * Sends a datagram.
	 * @param to where to
	 * @param data the bytes
	 * @param serverPort the port to send from, negative for any
	 * @return how it ended
	 */
	SwooleError send(SocketAddress to, byte[] data, int serverPort) {
		ListenerType family = familyOf(to);
		DatagramListener listener = find(family, to, serverPort);
		if (listener == null && family == ListenerType.UDP) {
			// the socket of IPv6 may serve both families
			listener = find(ListenerType.UDP6, to, serverPort);
		}
		if (listener == null) {
			String wanted = (serverPort < 0) ? "" : " on port " + serverPort;
			throw new IllegalArgumentException("There must be a listener of type "
					+ family.name().toLowerCase(Locale.ROOT) + wanted + " to send from, but there is none");
		}
		return listener.send(to, data);
	}

	private static ListenerType familyOf(SocketAddress to) {
		if (to instanceof InetSocketAddress inet) {
			if (inet.isUnresolved()) {
				throw new IllegalArgumentException("'to' must be resolved, but is " + to);
			}
			return (inet.getAddress() instanceof Inet4Address) ? ListenerType.UDP : ListenerType.UDP6;
		}
		if (to instanceof DomainSocketAddress || to instanceof UnixDomainSocketAddress) {
			return ListenerType.UNIX_DGRAM;
		}
		throw new IllegalArgumentException("'to' must be the address of UDP or of a unix socket, but is " + to);
	}

	/**
	 * The listener that has received a datagram from this address, if it is among those
	 * of the family and port; else the last of them.
	 */
	private @Nullable DatagramListener find(ListenerType family, SocketAddress to, int serverPort) {
		DatagramListener last = null;
		for (DatagramListener candidate : this.listeners) {
			if (candidate.listener().type() == family
					&& (serverPort < 0 || candidate.listener().port() == serverPort)) {
				last = candidate;
				if (serverPort >= 0 && to instanceof PacketSource source
						&& source.listener().equals(candidate.listener().name())) {
					return candidate;
				}
			}
		}
		return last;
	}

}
