package io.swoole.testing;

import io.netty.buffer.ByteBuf;
import io.netty.util.LeakPresenceDetector;

/**
 * Counts every buffer that has been allocated and not released. Netty creates it, by the
 * system property {@code io.netty.customResourceLeakDetector}. Netty tracks more than
 * buffers: what OpenSSL keeps of a key is released with its context, by the garbage
 * collector.
 *
 * @param <T> the type of resource
 */
public final class OpenBuffers<T> extends LeakPresenceDetector<T> {

	private static final ResourceScope BUFFERS = new ResourceScope("buffers");

	private static final ResourceScope OTHERS = new ResourceScope("others");

	private final ResourceScope scope;

	@SuppressWarnings("unused") // called by Netty
	public OpenBuffers(Class<?> resourceType, int samplingInterval, long maxActive) {
		super(resourceType);
		this.scope = scope(resourceType);
	}

	@SuppressWarnings("unused") // called by Netty
	public OpenBuffers(Class<?> resourceType, int samplingInterval) {
		super(resourceType);
		this.scope = scope(resourceType);
	}

	private static ResourceScope scope(Class<?> resourceType) {
		return ByteBuf.class.isAssignableFrom(resourceType) ? BUFFERS : OTHERS;
	}

	/** Whether any buffer is open. */
	public static boolean any() {
		return BUFFERS.hasOpenResources();
	}

	@Override
	protected ResourceScope currentScope() {
		return this.scope;
	}

}
