package io.swoole.server.tls;

import java.util.function.Supplier;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.Mapping;
import io.netty.util.ReferenceCountUtil;
import io.swoole.server.PipelineNames;
import org.jspecify.annotations.Nullable;

/**
 * Reads the name a client asks for and makes way for TLS with the certificate of that
 * name.
 */
final class ServerNameHandler extends SniHandler {

	ServerNameHandler(Mapping<String, Supplier<SslContext>> names) {
		super((Mapping<String, SslContext>) (name) -> names.map(name).get());
	}

	@Override
	protected SslHandler newSslHandler(SslContext context, ByteBufAllocator allocator) {
		return Tls.configure(super.newSslHandler(context, allocator));
	}

	@Override
	protected void replaceHandler(ChannelHandlerContext ctx, @Nullable String name, SslContext context) {
		SslHandler handler = newSslHandler(context, ctx.alloc());
		boolean replaced = false;
		try {
			ctx.pipeline().replace(this, PipelineNames.SSL, handler);
			replaced = true;
		}
		finally {
			if (!replaced) {
				// nobody else would give the engine back
				ReferenceCountUtil.safeRelease(handler.engine());
			}
		}
	}

}
