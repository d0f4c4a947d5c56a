package io.swoole.spring.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import io.swoole.server.PacketHandler;

import org.springframework.aot.hint.annotation.Reflective;

/**
 * Marks the method to call for every datagram that comes by UDP or to a unix socket. Runs
 * in the worker chosen for its sender; there is no connection. Swoole: {@code onPacket}.
 * <p>
 * May also stand on a bean class, or on a {@code @Bean} method, whose type is
 * {@link PacketHandler}.
 * <p>
 * Parameters, any of them in any order: {@code SwooleServer}, {@code Packet},
 * {@code int workerId}, {@code int serverPort}, and the datagram as {@code byte[]},
 * {@code ByteBuffer}, {@code ByteBuf}, {@code String} (UTF-8), or any type that JSON or a
 * {@link io.swoole.spring.payload.PayloadConverter} can be read into.
 * <p>
 * A returned {@code byte[]}, {@code ByteBuf} or {@code CharSequence} is sent to the
 * sender, from the socket the datagram came to, another object is sent as JSON,
 * {@code null} is not. A returned {@link java.util.concurrent.CompletionStage} or
 * {@code Mono} is awaited without blocking.
 */
@Documented
@Reflective
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.TYPE })
public @interface OnPacket {

	/**
	 * The name of the listener whose datagrams the method handles. By default those of
	 * every listener without a handler of its own.
	 * @return the name, {@code main} for the main listener; may be a placeholder
	 */
	String port() default "";

}
