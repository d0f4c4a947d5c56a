package io.swoole.spring.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import io.swoole.server.PipeMessageHandler;

import org.springframework.aot.hint.annotation.Reflective;

/**
 * Marks the method to call for a message that was sent with
 * {@link io.swoole.server.SwooleServer#sendMessage sendMessage}. Runs in the worker the
 * message was sent to, in a task worker between tasks. Swoole: {@code onPipeMessage}.
 * <p>
 * May also stand on a bean class, or on a {@code @Bean} method, whose type is
 * {@link PipeMessageHandler}.
 * <p>
 * Parameters, any of them in any order: {@code SwooleServer}, {@code PipeMessage},
 * {@code int srcWorkerId} (the sender, −1 if it is no worker), {@code int workerId} (this
 * worker), and one of any other type, the message itself. There may be several such
 * methods, told apart by the type of that one further parameter: the most specific type a
 * message has decides. {@code Object}, or no such parameter at all, takes whatever no
 * other method takes. A message nobody takes is an error.
 */
@Documented
@Reflective
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.TYPE })
public @interface OnPipeMessage {

}
