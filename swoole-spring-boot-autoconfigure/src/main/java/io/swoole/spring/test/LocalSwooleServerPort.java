package io.swoole.spring.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.beans.factory.annotation.Value;

/**
 * Injects the port the main listener of the server is bound to, for tests that start it
 * with {@code swoole.server.port=0}. The same as
 * {@code @Value("${local.swoole.server.port}")}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER, ElementType.ANNOTATION_TYPE })
@Value("${local.swoole.server.port}")
public @interface LocalSwooleServerPort {

}
