package io.swoole.task.result;

import java.util.concurrent.atomic.AtomicBoolean;

import io.swoole.server.Internal;
import io.swoole.task.TaskCallback;
import io.swoole.task.queue.TaskReply;
import org.jspecify.annotations.Nullable;

/**
 * A callback that takes the first result, in the event worker that dispatched the task.
 */
@Internal
public final class CallbackReply implements TaskReply {

	private final TaskCallback<Object> callback;

	private final AtomicBoolean over = new AtomicBoolean();

	/**
	 * Creates a reply.
	 * @param callback the callback
	 */
	@SuppressWarnings("unchecked") // whoever posts the task knows the type of its result
	public CallbackReply(TaskCallback<?> callback) {
		this.callback = (TaskCallback<Object>) callback;
	}

	TaskCallback<Object> callback() {
		return this.callback;
	}

	@Override
	public boolean result(@Nullable Object result) {
		return this.over.compareAndSet(false, true);
	}

	@Override
	public void failed(RuntimeException failure) {
		this.over.set(true);
	}

	@Override
	public boolean isGivenUp() {
		return this.over.get();
	}

	@Override
	public boolean isLimited() {
		return true;
	}

	@Override
	public boolean isAwaited() {
		return false;
	}

}
