package io.swoole.testing;

import io.netty.util.LeakPresenceDetector;

/**
 * Counts every buffer that has been allocated and not released. Netty creates it, by the
 * system property {@code io.netty.customResourceLeakDetector}.
 *
 * @param <T> the type of resource
 */
public final class OpenBuffers<T> extends LeakPresenceDetector<T> {

	private static final ResourceScope SCOPE = new ResourceScope("tests");

	@SuppressWarnings("unused") // called by Netty
	public OpenBuffers(Class<?> resourceType, int samplingInterval, long maxActive) {
		super(resourceType);
	}

	@SuppressWarnings("unused") // called by Netty
	public OpenBuffers(Class<?> resourceType, int samplingInterval) {
		super(resourceType);
	}

	/** Whether any buffer is open. */
	public static boolean any() {
		return SCOPE.hasOpenResources();
	}

	@Override
	protected ResourceScope currentScope() {
		return SCOPE;
	}

}
