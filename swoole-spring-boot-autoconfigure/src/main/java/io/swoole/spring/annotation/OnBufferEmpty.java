package io.swoole.spring.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.aot.hint.annotation.Reflective;

/**
 * Marks the method to call when what waits to be written to a connection has fallen to
 * {@code buffer-low-watermark}, after {@link OnBufferFull}. Runs in the worker of the
 * connection. Swoole: {@code onBufferEmpty}.
 * <p>
 * Parameters, any of them in any order: {@code SwooleServer}, {@code Connection},
 * {@code ClientInfo}, {@code long fd}, {@code int reactorId}, {@code int workerId},
 * {@code int serverPort}.
 */
@Documented
@Reflective
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.ANNOTATION_TYPE })
public @interface OnBufferEmpty {

	/**
	 * The name of the listener whose connections the method handles. By default those of
	 * every listener without a handler of its own.
	 * @return the name, {@code main} for the main listener; may be a placeholder
	 */
	String port() default "";

}
