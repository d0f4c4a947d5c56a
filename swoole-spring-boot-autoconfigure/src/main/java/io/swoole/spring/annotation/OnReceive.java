package io.swoole.spring.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import io.swoole.server.ReceiveHandler;

import org.springframework.aot.hint.annotation.Reflective;

/**
 * Marks the method to call for every packet of a connection. Runs in the worker of the
 * connection; packets of one connection arrive one after another. Swoole:
 * {@code onReceive}.
 * <p>
 * May also stand on a bean class, or on a {@code @Bean} method, whose type is
 * {@link ReceiveHandler}.
 * <p>
 * Parameters, any of them in any order: {@code SwooleServer}, {@code Connection},
 * {@code ClientInfo}, {@code long fd}, {@code int reactorId}, {@code int workerId},
 * {@code int serverPort}, and the packet as {@code byte[]}, {@code ByteBuffer},
 * {@code String} (UTF-8), each a copy, as {@code ByteBuf}, which is valid during the
 * call, or as any type that JSON, with {@code package-strip}, or a
 * {@link io.swoole.spring.payload.PayloadConverter} can be read into.
 * <p>
 * A returned {@code byte[]}, {@code ByteBuf} or {@code CharSequence} is sent to the
 * client, another object is sent as JSON, {@code null} is not. With {@code package-strip}
 * the header or terminator of the listener is added. The server takes over a returned
 * buffer as it does in {@code Connection.send}; the packet itself may be returned as it
 * is. A returned {@link java.util.concurrent.CompletionStage} or {@code Mono} is awaited
 * without blocking; later packets are handled meanwhile.
 */
@Documented
@Reflective
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.TYPE })
public @interface OnReceive {

	/**
	 * The name of the listener whose packets the method handles. By default those of
	 * every listener without a handler of its own.
	 * @return the name, {@code main} for the main listener; may be a placeholder
	 */
	String port() default "";

}
