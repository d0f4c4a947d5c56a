package io.swoole.server.engine;

import java.net.SocketAddress;
import java.util.List;
import java.util.function.Consumer;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.swoole.server.PipelineNames;
import io.swoole.server.connection.ConnectionScope;
import io.swoole.server.connection.ListenerScope;
import io.swoole.server.connection.NettyConnection;
import io.swoole.server.dispatch.Dispatcher;
import io.swoole.server.framing.FrameDecoder;
import io.swoole.server.framing.Framing;
import io.swoole.server.framing.ReadGate;
import io.swoole.server.heartbeat.Heartbeat;
import io.swoole.server.heartbeat.Sweep;
import io.swoole.server.heartbeat.Watched;
import io.swoole.server.limit.Lease;
import io.swoole.server.proxy.ProxyProtocol;
import io.swoole.server.tls.Tls;
import io.swoole.server.worker.Reactor;
import org.jspecify.annotations.Nullable;

/**
 * Builds the pipeline of an accepted connection: TLS, bytes → packets → dispatcher.
 */
final class ConnectionInitializer extends ChannelInitializer<Channel> {

	private final ListenerScope listener;

	private final Framing framing;

	private final @Nullable Tls tls;

	private final List<Reactor> reactors;

	private final List<Sweep> sweeps;

	private final Heartbeat heartbeat;

	private final @Nullable ProxyProtocol proxyProtocol;

	private final ConnectionScope scope;

	private final Dispatcher dispatcher;

	private final Consumer<ChannelPipeline> customizer;

	ConnectionInitializer(ListenerScope listener, List<Reactor> reactors, List<Sweep> sweeps, Heartbeat heartbeat,
			@Nullable ProxyProtocol proxyProtocol, @Nullable Tls tls, ConnectionScope scope, Dispatcher dispatcher,
			Consumer<ChannelPipeline> customizer) {
		this.listener = listener;
		this.framing = Framing.of(listener.options());
		this.tls = tls;
		this.reactors = reactors;
		this.sweeps = sweeps;
		this.heartbeat = heartbeat;
		this.proxyProtocol = proxyProtocol;
		this.scope = scope;
		this.dispatcher = dispatcher;
		this.customizer = customizer;
	}

	@Override
	protected void initChannel(Channel channel) {
		if (this.proxyProtocol != null) {
			this.proxyProtocol.await(channel, this.sweeps.get(session(channel).loop()),
					(client) -> establish(channel, client));
		}
		else {
			establish(channel, null);
		}
	}

	private static SessionEventLoopGroup.Session session(Channel channel) {
		return channel.attr(SessionEventLoopGroup.SESSION).get();
	}

	private void establish(Channel channel, @Nullable SocketAddress client) {
		SessionEventLoopGroup.Session session = session(channel);
		Reactor reactor = this.reactors.get(session.loop());
		ReadGate gate = new ReadGate(channel);
		FrameDecoder decoder = new FrameDecoder(this.framing, gate, reactor);
		NettyConnection connection = new NettyConnection(session.fd(), channel, reactor, session.owner(), this.listener,
				client, gate, decoder, this.scope, Lease.of(channel));
		decoder.onReceived(connection::received);
		Watched watch = this.heartbeat.watch(connection, this.listener.options(), decoder,
				this.sweeps.get(session.loop()));
		ChannelPipeline pipeline = channel.pipeline();
		if (this.tls != null) {
			this.tls.addTo(pipeline, connection);
		}
		pipeline.addLast(PipelineNames.FRAME_DECODER, decoder);
		pipeline.addLast(PipelineNames.CONNECTION, new ConnectionHandler(connection, this.dispatcher, watch));
		this.customizer.accept(pipeline);
	}

}
