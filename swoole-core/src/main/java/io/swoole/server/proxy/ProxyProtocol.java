package io.swoole.server.proxy;

import java.net.SocketAddress;
import java.util.function.Consumer;

import io.netty.channel.Channel;
import io.swoole.server.Internal;
import io.swoole.server.InvalidOptionException;
import io.swoole.server.ListenerOptions;
import io.swoole.server.ServerOptions;
import io.swoole.server.heartbeat.Heartbeat;
import io.swoole.server.heartbeat.Sweep;
import io.swoole.server.limit.AddressFilter;
import io.swoole.server.limit.ConnectionLimit;
import io.swoole.server.limit.Refusals;
import org.jspecify.annotations.Nullable;

/**
 * The PROXY protocol of one listener: the announced address decides who may connect, and
 * only then the connection is established.
 */
@Internal
public final class ProxyProtocol {

	private static final String DECODER = "io.netty.handler.codec.haproxy.HAProxyMessageDecoder";

	private final ListenerOptions listener;

	private final AddressFilter filter;

	private final ConnectionLimit limit;

	private final Refusals refusals;

	private final long patienceMillis;

	/**
	 * Creates the protocol of a listener.
	 * @param listener its settings
	 * @param limit how many may connect
	 * @param refusals told of those who may not
	 * @param heartbeat says how long a header may take
	 */
	public ProxyProtocol(ListenerOptions listener, ConnectionLimit limit, Refusals refusals, Heartbeat heartbeat) {
		this.listener = listener;
		this.filter = new AddressFilter(listener);
		this.limit = limit;
		this.refusals = refusals;
		this.patienceMillis = heartbeat.headerMillis(listener);
	}

	/**
	 * Checks that what the settings ask for is there.
	 * @param options the settings
	 * @throws InvalidOptionException if it is not
	 */
	public static void check(ServerOptions options) {
		for (ListenerOptions listener : options.listeners()) {
			if (listener.proxyProtocol() && !isAvailable()) {
				throw new InvalidOptionException(listener.name(), "proxy-protocol", true,
						"needs io.netty:netty-codec-haproxy on the class path, which is not there");
			}
		}
	}

	private static boolean isAvailable() {
		try {
			Class.forName(DECODER, false, ProxyProtocol.class.getClassLoader());
			return true;
		}
		catch (ClassNotFoundException ex) {
			return false;
		}
	}

	/**
	 * Has a new connection wait for its header; on the event loop.
	 * @param channel the connection
	 * @param sweep looks after its event loop
	 * @param established is given the address of the client, {@code null} if none was
	 * announced, and sets up the connection
	 */
	public void await(Channel channel, Sweep sweep, Consumer<@Nullable SocketAddress> established) {
		ProxyHeader.await(channel, new ProxyHeader(this, channel, sweep, established));
	}

	ListenerOptions listener() {
		return this.listener;
	}

	AddressFilter filter() {
		return this.filter;
	}

	ConnectionLimit limit() {
		return this.limit;
	}

	Refusals refusals() {
		return this.refusals;
	}

	/** How long a header may take, in milliseconds; 0: for ever. */
	long patienceMillis() {
		return this.patienceMillis;
	}

}
