package io.swoole.spring.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.aot.hint.annotation.Reflective;

/**
 * Marks the method to call in a worker that has been told to stop, or to begin anew,
 * while something keeps it: timers or, with virtual threads, callbacks in progress. The
 * worker stops as soon as they are gone, after {@code max-wait-time} at the latest; a
 * timer that runs again and again is the one to clear here. Called once per stop, before
 * {@link OnWorkerStop}. Swoole: {@code onWorkerExit}.
 * <p>
 * Parameters, any of them in any order: {@code SwooleServer}, {@code int workerId}.
 */
@Documented
@Reflective
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.ANNOTATION_TYPE })
public @interface OnWorkerExit {

}
