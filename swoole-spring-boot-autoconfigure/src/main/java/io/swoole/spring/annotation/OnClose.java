package io.swoole.spring.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import io.swoole.server.CloseHandler;

import org.springframework.aot.hint.annotation.Reflective;

/**
 * Marks the method to call when a connection has ended, once for every {@link OnConnect}.
 * Runs in the worker of the connection; nothing can be sent to it any more. Swoole:
 * {@code onClose}.
 * <p>
 * May also stand on a bean class, or on a {@code @Bean} method, whose type is
 * {@link CloseHandler}.
 * <p>
 * Parameters, any of them in any order: {@code SwooleServer}, {@code Connection},
 * {@code ClientInfo}, {@code long fd}, {@code int reactorId}, {@code int workerId},
 * {@code int serverPort}. {@code reactorId} is −1 when the server has closed the
 * connection.
 */
@Documented
@Reflective
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.TYPE })
public @interface OnClose {

	/**
	 * The name of the listener whose connections the method handles. By default those of
	 * every listener without a handler of its own.
	 * @return the name, {@code main} for the main listener; may be a placeholder
	 */
	String port() default "";

}
