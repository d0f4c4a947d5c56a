package io.swoole.spring.handler;

import java.util.Objects;
import java.util.function.Consumer;

import io.swoole.server.HandlerErrorHandler;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.spring.context.WorkerBeanScope;
import io.swoole.spring.payload.PayloadConverter;
import io.swoole.task.Task;
import io.swoole.task.TaskType;
import org.jspecify.annotations.Nullable;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Makes an {@link AnnotatedServerHandler} of beans, without a server.
 */
final class Handlers {

	private Handlers() {
	}

	/**
	 * Makes a handler of bean or configuration classes.
	 * @param types the classes
	 * @return the handler
	 */
	static AnnotatedServerHandler of(Class<?>... types) {
		return context((context) -> {
		}, types).getBean(AnnotatedServerHandler.class);
	}

	static GenericApplicationContext context(Consumer<GenericApplicationContext> initializer, Class<?>... types) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		context.registerBean(AnnotatedServerHandler.class);
		context.registerBean(HandlerMethodProcessor.class, () -> new HandlerMethodProcessor(context.getBeanFactory(),
				context.getBean(AnnotatedServerHandler.class), context.getBeanProvider(ServerOptions.class),
				context.getBeanProvider(HandlerErrorHandler.class), context.getBeanProvider(WorkerBeanScope.class),
				context.getBeanProvider(PayloadConverter.class)));
		initializer.accept(context);
		if (types.length > 0) {
			context.register(types);
		}
		context.refresh();
		return context;
	}

	/** Whether a task with such a payload is accepted. */
	static boolean takesTask(AnnotatedServerHandler handler, Object payload) {
		return handler.taskType(payload.getClass()) != null;
	}

	/** Executes a task like the engine. */
	static @Nullable Object execute(AnnotatedServerHandler handler, SwooleServer server, Task task) throws Exception {
		TaskType type = handler.taskType(task.data().getClass());
		assertThat(type).isNotNull();
		return Objects.requireNonNull(type.getHandler()).onTask(server, task, task.data());
	}

}
