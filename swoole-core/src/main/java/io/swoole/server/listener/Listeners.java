package io.swoole.server.listener;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.swoole.server.Internal;
import io.swoole.server.Listener;
import io.swoole.server.ListenerOptions;
import io.swoole.server.PortInUseException;
import io.swoole.server.ServerException;
import io.swoole.server.SwooleError;

/**
 * The listeners of a run: bound synchronously, all or none, and silent until they are
 * told to accept.
 */
@Internal
public final class Listeners {

	private final StreamBinder streams;

	private final DatagramBinder datagrams;

	/** Looked at from any thread, also while they are bound. */
	private final List<BoundListener> bound = new CopyOnWriteArrayList<>();

	private final DatagramRouter router = new DatagramRouter();

	/**
	 * Creates the listeners of a run; none is bound yet.
	 * @param streams binds those that accept connections
	 * @param datagrams binds those that receive datagrams
	 */
	public Listeners(StreamBinder streams, DatagramBinder datagrams) {
		this.streams = streams;
		this.datagrams = datagrams;
	}

	/**
	 * What users see of them.
	 * @return the listeners in the order of their options
	 */
	public List<Listener> all() {
		return this.bound.stream().map(BoundListener::listener).toList();
	}

	/**
	 * Binds listeners, and stops at the first that cannot be bound; the caller then
	 * closes the others.
	 * @param all their options
	 * @throws PortInUseException if an address is taken
	 * @throws ServerException if a listener cannot be bound for another reason
	 */
	public void bind(List<ListenerOptions> all) {
		for (ListenerOptions options : all) {
			if (options.type().isDatagram()) {
				DatagramListener listener = this.datagrams.bind(options);
				this.router.add(listener);
				this.bound.add(listener);
			}
			else {
				this.bound.add(this.streams.bind(options));
			}
		}
	}

	/**
	 * The address of the main listener.
	 * @return the address
	 * @throws IllegalStateException if it has none because it is a unix socket
	 */
	public InetSocketAddress address() {
		if (this.bound.get(0).address() instanceof InetSocketAddress address) {
			return address;
		}
		throw new IllegalStateException("The main listener is a unix socket and has no port: see getListeners()");
	}

	/**
	 * Sends a datagram; from any thread.
	 * @param to where to
	 * @param data the bytes
	 * @param serverPort the port of the listener to send from; negative: the last
	 * listener of the address family
	 * @return how it ended
	 * @throws IllegalArgumentException if there is no such listener
	 */
	public SwooleError sendTo(SocketAddress to, byte[] data, int serverPort) {
		return this.router.send(to, data, serverPort);
	}

	/** Begins to accept connections and to receive datagrams. */
	public void accept() {
		this.bound.forEach(BoundListener::accept);
	}

	/** Takes nothing new from now on; answers can still be sent. */
	public void stopAccepting() {
		this.bound.forEach(BoundListener::stopAccepting);
	}

	/**
	 * Whether no datagram waits to be sent.
	 * @return {@code true} if so
	 */
	public boolean isFlushed() {
		return this.router.isFlushed();
	}

	/** Closes all sockets; returns when they are closed, or a callback holds them. */
	public void close() {
		this.bound.forEach(BoundListener::close);
	}

}
