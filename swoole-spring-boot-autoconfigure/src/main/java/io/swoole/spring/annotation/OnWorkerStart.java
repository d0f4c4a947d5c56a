package io.swoole.spring.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.aot.hint.annotation.Reflective;

/**
 * Marks the method to call in every event worker and task worker when it has started,
 * with the server or anew after a reload, before anything else there. An exception fails
 * the start of the server; after a reload it is logged, and the worker goes on with the
 * beans of scope {@code swoole-worker} it had before. Swoole: {@code onWorkerStart}.
 * <p>
 * Parameters, any of them in any order: {@code SwooleServer}, {@code int workerId}.
 */
@Documented
@Reflective
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.ANNOTATION_TYPE })
public @interface OnWorkerStart {

}
