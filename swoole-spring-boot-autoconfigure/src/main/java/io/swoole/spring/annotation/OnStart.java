package io.swoole.spring.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.aot.hint.annotation.Reflective;

/**
 * Marks the method to call when the server listens and all its workers have started,
 * before the first connection is accepted. Runs in the thread that starts the server; an
 * exception fails the start. Swoole: {@code onStart}.
 * <p>
 * Parameter: {@code SwooleServer}.
 */
@Documented
@Reflective
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.ANNOTATION_TYPE })
public @interface OnStart {

}
