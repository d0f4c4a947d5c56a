package io.swoole.spring.handler;

import java.lang.invoke.MethodHandle;

import io.swoole.server.SwooleServer;
import io.swoole.server.TaskHandler;
import io.swoole.task.Task;
import io.swoole.task.TaskType;
import org.jspecify.annotations.Nullable;

/**
 * Makes task types of handlers.
 */
final class TaskTypes {

	private TaskTypes() {
	}

	static TaskType of(BoundHandler handler) {
		return TaskType.of(handler.method().toString(), new Call(handler.handle()));
	}

	private record Call(MethodHandle handle) implements TaskHandler<Object, Object> {

		@Override
		public @Nullable Object onTask(SwooleServer server, Task task, Object data) throws Exception {
			try {
				return (Object) this.handle.invokeExact(server, task);
			}
			catch (Throwable ex) {
				throw AnnotatedServerHandler.asIs(ex);
			}
		}

	}

}
