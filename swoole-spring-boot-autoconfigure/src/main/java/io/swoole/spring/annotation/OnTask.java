package io.swoole.spring.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import io.swoole.server.TaskHandler;

import org.springframework.aot.hint.annotation.Reflective;

/**
 * Marks the method to call for a task. Runs in a task worker and may take its time.
 * Swoole: {@code onTask}.
 * <p>
 * May also stand on a bean class, or on a {@code @Bean} method, whose type is
 * {@link TaskHandler}.
 * <p>
 * Parameters, any of them in any order: {@code SwooleServer}, {@code Task},
 * {@code long taskId}, {@code int srcWorkerId} (the event worker that dispatched the
 * task), {@code int workerId} (this task worker), and one of any other type, the payload.
 * There may be several such methods, told apart by the type of that one further
 * parameter: the most specific type a payload has decides, a class comes before
 * interfaces. A payload that two methods take by unrelated interfaces is refused.
 * {@code Object}, or no such parameter at all, takes whatever no other method takes.
 * <p>
 * A returned value is the result of the task, as if given to {@code SwooleServer.finish};
 * {@code null} is none. A returned {@link java.util.concurrent.CompletionStage} or
 * {@code Mono} is awaited without blocking; the task counts as running until then.
 */
@Documented
@Reflective
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.TYPE })
public @interface OnTask {

	/**
	 * How long an attempt may take, such as {@code 30s}; a number without unit is
	 * seconds, {@code 0} no limit. Then its thread is interrupted, and later results are
	 * refused. May have placeholders.
	 * @return the time, empty for {@code swoole.server.task-timeout}
	 */
	String timeout() default "";

	/**
	 * How many times a failed task is tried again.
	 * @return the number, 0 for {@code swoole.server.task-retries}, −1 for never
	 */
	int retries() default 0;

	/**
	 * How long a failed task waits before its second attempt, such as {@code 500ms}; the
	 * time doubles with every further attempt. May have placeholders.
	 * @return the time, empty for {@code swoole.server.task-backoff}
	 */
	String backoff() default "";

	/**
	 * How long a failed task waits at most, such as {@code 5m}. May have placeholders.
	 * @return the time, empty for {@code swoole.server.task-max-backoff}
	 */
	String maxBackoff() default "";

	/**
	 * How many tasks of this method run at the same time. The others wait, without
	 * keeping task workers from other tasks, and start in their order.
	 * @return the number, 0 for no limit
	 */
	int concurrency() default 0;

	/**
	 * Whether tasks that have failed for good are kept as dead letters.
	 * @return {@code false} to drop them
	 */
	boolean deadLetter() default true;

}
