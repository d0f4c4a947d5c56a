package io.swoole.server.worker;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.util.concurrent.ThreadFactory;

import io.swoole.server.Internal;
import org.jspecify.annotations.Nullable;

/**
 * Makes virtual threads where the JVM has them. The code is compiled for Java 17, which
 * has not, so the methods of Java 21 are looked up at run time.
 */
@Internal
public final class VirtualThreads {

	/** {@code Thread.isVirtual()}, {@code null} where there is no such method. */
	private static final @Nullable MethodHandle IS_VIRTUAL = isSupported() ? isVirtual() : null;

	private VirtualThreads() {
	}

	private static MethodHandle isVirtual() {
		try {
			return MethodHandles.publicLookup()
				.findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	/**
	 * Whether the calling thread is a virtual one, which may wait without keeping anybody
	 * else from running.
	 * @return {@code true} if so
	 */
	public static boolean isCurrent() {
		if (IS_VIRTUAL == null) {
			return false;
		}
		try {
			return (boolean) IS_VIRTUAL.invokeExact(Thread.currentThread());
		}
		catch (Throwable ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Whether this JVM has virtual threads.
	 * @return {@code true} from Java 21 on
	 */
	public static boolean isSupported() {
		return Runtime.version().feature() >= 21;
	}

	/**
	 * A factory of virtual threads that all have the same name. They inherit no thread
	 * locals, so that nothing of the thread that starts them leaks into user code.
	 * @param name the name
	 * @return the factory
	 * @throws UnsupportedOperationException below Java 21
	 */
	public static ThreadFactory factory(String name) {
		if (!isSupported()) {
			throw new UnsupportedOperationException(
					"Virtual threads need Java 21 or newer, this is Java " + Runtime.version().feature());
		}
		try {
			Lookup lookup = MethodHandles.publicLookup();
			Class<?> type = Class.forName("java.lang.Thread$Builder$OfVirtual");
			MethodHandle builder = lookup.findStatic(Thread.class, "ofVirtual", MethodType.methodType(type));
			MethodHandle named = lookup.findVirtual(type, "name", MethodType.methodType(type, String.class));
			MethodHandle inheriting = lookup.findVirtual(type, "inheritInheritableThreadLocals",
					MethodType.methodType(type, boolean.class));
			MethodHandle factory = lookup.findVirtual(type, "factory", MethodType.methodType(ThreadFactory.class));
			Object virtual = inheriting.invoke(named.invoke(builder.invoke(), name), false);
			return (ThreadFactory) factory.invoke(virtual);
		}
		catch (Throwable ex) {
			throw new IllegalStateException("Virtual threads cannot be made on this JVM", ex);
		}
	}

}
