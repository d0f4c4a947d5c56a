package io.swoole.spring.handler;

import java.lang.invoke.MethodHandle;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.function.Function;

import io.swoole.server.SwooleServer;
import io.swoole.server.TaskHandler;
import io.swoole.spring.annotation.OnTask;
import io.swoole.task.Task;
import io.swoole.task.TaskType;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;

/**
 * Makes task types of handlers, with what their annotations say.
 */
final class TaskTypes {

	private final Function<String, @Nullable String> placeholders;

	/**
	 * Creates the types.
	 * @param placeholders resolves placeholders in attributes
	 */
	TaskTypes(Function<String, @Nullable String> placeholders) {
		this.placeholders = placeholders;
	}

	/**
	 * Makes the type of a handler.
	 * @param handler the handler of tasks
	 * @return the type
	 * @throws InvalidHandlerException if an attribute of its annotation is invalid
	 */
	TaskType of(BoundHandler handler) {
		HandlerMethod method = handler.method();
		MergedAnnotation<OnTask> annotation = MergedAnnotations.from(method.annotated(), SearchStrategy.TYPE_HIERARCHY)
			.get(OnTask.class);
		TaskType type = TaskType.of(name(method), new Call(handler.handle()))
			.withTimeout(duration(method, annotation, "timeout"))
			.withBackoff(duration(method, annotation, "backoff"))
			.withMaxBackoff(duration(method, annotation, "maxBackoff"))
			.withConcurrency(atLeast(0, method, annotation, "concurrency"))
			.withDeadLetter(annotation.getBoolean("deadLetter"));
		int retries = atLeast(-1, method, annotation, "retries");
		return (retries != 0) ? type.withRetries(Math.max(0, retries)) : type;
	}

	/** Such as {@code Reports.render(Order)}. */
	private static String name(HandlerMethod method) {
		Class<?> payload = method.payloadType();
		return method.method().getDeclaringClass().getSimpleName() + "." + method.method().getName() + "("
				+ ((payload != Object.class) ? payload.getSimpleName() : "") + ")";
	}

	private @Nullable Duration duration(HandlerMethod method, MergedAnnotation<OnTask> annotation, String attribute) {
		String text = annotation.getString(attribute);
		String value = this.placeholders.apply(text);
		if (value == null || value.isBlank()) {
			return null;
		}
		Duration duration = parse(value.trim());
		if (duration == null || duration.isNegative()) {
			throw method.invalid("has the invalid %s '%s'.".formatted(attribute, value),
					"Use a duration such as 500ms, 30s or 5m; a number without unit is seconds.");
		}
		return duration;
	}

	private static @Nullable Duration parse(String value) {
		try {
			return DurationStyle.detectAndParse(value, ChronoUnit.SECONDS);
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	private static int atLeast(int least, HandlerMethod method, MergedAnnotation<OnTask> annotation, String attribute) {
		int value = annotation.getInt(attribute);
		if (value < least) {
			throw method.invalid("has the invalid %s %d.".formatted(attribute, value),
					"Use a number of at least %d.".formatted(least));
		}
		return value;
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
