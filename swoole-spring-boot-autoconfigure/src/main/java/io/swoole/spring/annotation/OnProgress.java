package io.swoole.spring.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.aot.hint.annotation.Reflective;

/**
 * Marks the method to call when a task tells how far it has come, with
 * {@link io.swoole.task.Task#progress}. Runs in the event worker that dispatched the
 * task.
 * <p>
 * Parameters, any of them in any order: {@code SwooleServer}, {@code long taskId},
 * {@code int srcWorkerId} and {@code int workerId} (both this event worker), and one of
 * any other type, what the task tells. There may be several such methods, told apart by
 * the type of that one further parameter. What no method takes is dropped.
 */
@Documented
@Reflective
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.ANNOTATION_TYPE })
public @interface OnProgress {

}
