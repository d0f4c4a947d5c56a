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
 * {@code null} is none.
 */
@Documented
@Reflective
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.TYPE })
public @interface OnTask {

}
