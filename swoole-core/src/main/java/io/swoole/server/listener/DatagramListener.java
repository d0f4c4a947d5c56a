package io.swoole.server.listener;

import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.netty.channel.ChannelFuture;
import io.netty.channel.unix.DomainSocketAddress;
import io.swoole.server.Listener;
import io.swoole.server.SwooleError;
import org.jspecify.annotations.Nullable;

/**
 * A listener that receives datagrams, by one socket or by several that share its port.
 */
final class DatagramListener implements BoundListener {

	private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(100);

	private final Listener listener;

	private final List<DatagramSocket> sockets;

	private final @Nullable UnixSocketFile file;

	DatagramListener(Listener listener, List<DatagramSocket> sockets, @Nullable UnixSocketFile file) {
		this.listener = listener;
		this.sockets = sockets;
		this.file = file;
	}

	@Override
	public Listener listener() {
		return this.listener;
	}

	@Override
	public SocketAddress address() {
		return this.sockets.get(0).channel().localAddress();
	}

	/** Sends a datagram; from any thread. */
	SwooleError send(SocketAddress to, byte[] data) {
		SocketAddress address = to;
		if (this.listener.type().isUnix()) {
			String path = (to instanceof DomainSocketAddress unix) ? unix.path() : to.toString();
			if (path.isEmpty()) {
				// a sender without a name has sent something and cannot be answered
				return SwooleError.SESSION_NOT_EXIST;
			}
			if (to instanceof UnixDomainSocketAddress) {
				address = new DomainSocketAddress(path);
			}
		}
		return choose(address).send(address, data);
	}

	/** The socket of the calling event loop; elsewhere always the same for an address. */
	private DatagramSocket choose(SocketAddress to) {
		if (this.sockets.size() == 1) {
			return this.sockets.get(0);
		}
		for (DatagramSocket socket : this.sockets) {
			if (socket.inEventLoop()) {
				return socket;
			}
		}
		return this.sockets.get(Math.floorMod(to.hashCode(), this.sockets.size()));
	}

	@Override
	public void accept() {
		this.sockets.forEach((socket) -> socket.receive(true));
	}

	@Override
	public void stopAccepting() {
		this.sockets.forEach((socket) -> socket.receive(false));
	}

	/** Whether nothing waits to be sent. */
	boolean isFlushed() {
		return this.sockets.stream().allMatch((socket) -> socket.pending() == 0);
	}

	@Override
	public void close() {
		List<ChannelFuture> closing = this.sockets.stream().map((socket) -> socket.channel().close()).toList();
		// an event loop that is held by a callback closes its socket when it is let go
		long end = System.nanoTime() + PATIENCE;
		closing.forEach((closed) -> closed.awaitUninterruptibly(end - System.nanoTime(), TimeUnit.NANOSECONDS));
		if (this.file != null) {
			this.file.remove();
		}
	}

}
