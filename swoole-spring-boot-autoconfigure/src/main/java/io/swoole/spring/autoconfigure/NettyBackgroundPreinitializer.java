package io.swoole.spring.autoconfigure;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.NetUtil;

import org.springframework.boot.autoconfigure.preinitialize.BackgroundPreinitializer;

/**
 * Loads what takes Netty longest in the background while the application context is being
 * prepared: native library, buffer allocator, network interfaces.
 */
final class NettyBackgroundPreinitializer implements BackgroundPreinitializer {

	@Override
	public void preinitialize() {
		NetUtil.isIpV4StackPreferred();
		ByteBufAllocator.DEFAULT.buffer(1).release();
		if (Epoll.isAvailable()) {
			new EpollServerSocketChannel().unsafe().closeForcibly();
			new EpollSocketChannel().unsafe().closeForcibly();
		}
	}

}
