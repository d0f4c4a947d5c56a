package io.swoole.server.engine;

import java.util.List;
import java.util.function.Consumer;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.swoole.server.ListenerOptions;
import io.swoole.server.PipelineNames;
import io.swoole.server.connection.ConnectionScope;
import io.swoole.server.connection.NettyConnection;
import io.swoole.server.dispatch.Dispatcher;
import io.swoole.server.framing.FrameDecoder;
import io.swoole.server.framing.Framing;
import io.swoole.server.framing.ReadGate;
import io.swoole.server.heartbeat.Heartbeat;
import io.swoole.server.heartbeat.Sweep;
import io.swoole.server.heartbeat.Watched;
import io.swoole.server.limit.Lease;
import io.swoole.server.worker.Reactor;
import io.swoole.task.overload.ProducerGroup;
import org.jspecify.annotations.Nullable;

/**
 * Builds the pipeline of an accepted connection: bytes → packets → dispatcher.
 */
final class ConnectionInitializer extends ChannelInitializer<Channel> {

	private final ListenerOptions listener;

	private final Framing framing;

	private final List<Reactor> reactors;

	private final List<Sweep> sweeps;

	private final Heartbeat heartbeat;

	private final ConnectionScope scope;

	private final Dispatcher dispatcher;

	private final @Nullable ProducerGroup producers;

	private final Consumer<ChannelPipeline> customizer;

	ConnectionInitializer(ListenerOptions listener, List<Reactor> reactors, List<Sweep> sweeps, Heartbeat heartbeat,
			ConnectionScope scope, Dispatcher dispatcher, @Nullable ProducerGroup producers,
			Consumer<ChannelPipeline> customizer) {
		this.listener = listener;
		this.framing = Framing.of(listener);
		this.reactors = reactors;
		this.sweeps = sweeps;
		this.heartbeat = heartbeat;
		this.scope = scope;
		this.dispatcher = dispatcher;
		this.producers = producers;
		this.customizer = customizer;
	}

	@Override
	protected void initChannel(Channel channel) {
		SessionEventLoopGroup.Session session = channel.attr(SessionEventLoopGroup.SESSION).get();
		Reactor reactor = this.reactors.get(session.loop());
		ReadGate gate = new ReadGate(channel);
		FrameDecoder decoder = new FrameDecoder(this.framing, gate, reactor);
		NettyConnection connection = new NettyConnection(session.fd(), channel, reactor, session.owner(), this.listener,
				gate, decoder, this.scope, this.producers, Lease.of(channel));
		decoder.onReceived(connection::received);
		Watched watch = this.heartbeat.watch(connection, this.listener, decoder, this.sweeps.get(session.loop()));
		ChannelPipeline pipeline = channel.pipeline();
		pipeline.addLast(PipelineNames.FRAME_DECODER, decoder);
		pipeline.addLast(PipelineNames.CONNECTION, new ConnectionHandler(connection, this.dispatcher, watch));
		this.customizer.accept(pipeline);
	}

}
