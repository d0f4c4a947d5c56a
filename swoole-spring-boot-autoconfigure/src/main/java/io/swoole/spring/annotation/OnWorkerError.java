package io.swoole.spring.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.aot.hint.annotation.Reflective;

/**
 * Marks the method to call when the thread of a worker has been lost: it was given up
 * because a callback did not end within {@code max-wait-time} of a reload, or it died; or
 * when a {@code UserProcess} has thrown. The worker goes on with a new thread. Runs in
 * the supervisor thread. Swoole: {@code onWorkerError}.
 * <p>
 * Parameters, any of them in any order: {@code SwooleServer}, {@code WorkerError},
 * {@code int workerId}, {@code int exitCode} (255 after an exception, otherwise 0),
 * {@code int signal} (9 if the thread was given up, otherwise 0).
 */
@Documented
@Reflective
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.ANNOTATION_TYPE })
public @interface OnWorkerError {

}
