package io.swoole.spring.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.aot.hint.annotation.Reflective;

/**
 * Marks the method to call when a task has failed for good: it has thrown and there are
 * no retries left, its timeout has passed, or it was not started by its deadline. Runs in
 * the event worker that dispatched the task, whether somebody waits for the task or not.
 * <p>
 * Parameters, any of them in any order: {@code SwooleServer}, {@code Task} (its last
 * attempt), {@code long taskId}, {@code int attempts} (how many there were; 0 if the task
 * was never started), {@code int srcWorkerId} and {@code int workerId} (both this event
 * worker), and one of type {@code Throwable} or a subclass, what the task has thrown: a
 * {@code TaskTimeoutException} if it took too long, a {@code TaskExpiredException} if it
 * was not started. There may be several such methods, told apart by the type of that
 * exception; the most specific one decides.
 */
@Documented
@Reflective
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.ANNOTATION_TYPE })
public @interface OnTaskFailed {

}
