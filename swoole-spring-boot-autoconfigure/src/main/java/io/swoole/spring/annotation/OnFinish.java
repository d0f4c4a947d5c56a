package io.swoole.spring.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import io.swoole.server.FinishHandler;

import org.springframework.aot.hint.annotation.Reflective;

/**
 * Marks the method to call for every result of a task. Runs in the event worker that
 * dispatched the task. Swoole: {@code onFinish}.
 * <p>
 * May also stand on a bean class, or on a {@code @Bean} method, whose type is
 * {@link FinishHandler}.
 * <p>
 * Parameters, any of them in any order: {@code SwooleServer}, {@code TaskResult},
 * {@code long taskId}, {@code int srcWorkerId} and {@code int workerId} (both this event
 * worker), and one of any other type, the result. There may be several such methods, told
 * apart by the type of that one further parameter: the most specific type a result has
 * decides, a class comes before interfaces. A result that two methods take by unrelated
 * interfaces is an error. {@code Object}, or no such parameter at all, takes whatever no
 * other method takes. A result that is {@code null} goes to that method, else to the only
 * one.
 */
@Documented
@Reflective
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.TYPE })
public @interface OnFinish {

}
