package io.swoole.server.connection;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import io.swoole.server.Internal;
import io.swoole.server.SwooleError;
import org.jspecify.annotations.Nullable;

/**
 * What the application has attached to one connection: its user, its groups, attributes,
 * and whether the heartbeat leaves it alone. From any thread. What is refused returns
 * why.
 */
@Internal
public final class Attachments {

	private static final VarHandle UID;

	private static final VarHandle ATTRIBUTES;

	static {
		try {
			MethodHandles.Lookup lookup = MethodHandles.lookup();
			UID = lookup.findVarHandle(Attachments.class, "uid", long.class);
			ATTRIBUTES = lookup.findVarHandle(Attachments.class, "attributes", ConcurrentMap.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	private final NettyConnection connection;

	private final Audience audience;

	private volatile long uid;

	private volatile boolean isProtected;

	private volatile @Nullable ConcurrentMap<String, Object> attributes;

	Attachments(NettyConnection connection, Audience audience) {
		this.connection = connection;
		this.audience = audience;
	}

	SwooleError bind(long uid) {
		SwooleError error = this.connection.error();
		if (error == SwooleError.NONE && !UID.compareAndSet(this, 0L, uid)) {
			error = SwooleError.WRONG_OPERATION;
		}
		if (error == SwooleError.NONE) {
			this.audience.bound(uid, this.connection);
		}
		return error;
	}

	/**
	 * The user id that has been bound to it.
	 * @return the user id, 0 if there is none
	 */
	public long uid() {
		return this.uid;
	}

	SwooleError join(String group) {
		SwooleError error = this.connection.error();
		if (error == SwooleError.NONE && !this.audience.join(group, this.connection)) {
			error = this.connection.error();
		}
		return error;
	}

	SwooleError leave(String group) {
		SwooleError error = this.connection.error();
		if (error == SwooleError.NONE) {
			this.audience.leave(group, this.connection);
		}
		return error;
	}

	SwooleError protect(boolean on) {
		SwooleError error = this.connection.error();
		if (error == SwooleError.NONE) {
			this.isProtected = on;
		}
		return error;
	}

	/**
	 * Whether the heartbeat must leave it alone.
	 * @return {@code true} if so
	 */
	public boolean isProtected() {
		return this.isProtected;
	}

	ConcurrentMap<String, Object> attributes() {
		ConcurrentMap<String, Object> map = this.attributes;
		if (map == null) {
			ATTRIBUTES.compareAndSet(this, null, new ConcurrentHashMap<String, Object>());
			map = this.attributes;
		}
		return Objects.requireNonNull(map);
	}

}
