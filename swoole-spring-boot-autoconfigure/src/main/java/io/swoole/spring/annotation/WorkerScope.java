package io.swoole.spring.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.core.annotation.AliasFor;

/**
 * Marks a bean of which every worker has an instance of its own, made when the worker
 * first uses it. A reload makes new ones; the old ones are destroyed when
 * {@link OnWorkerStart} has returned, or kept if it has thrown. Outside event workers and
 * task workers, such as in a web controller or a {@link io.swoole.server.UserProcess
 * process}, the bean cannot be used.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.TYPE, ElementType.METHOD, ElementType.ANNOTATION_TYPE })
@Scope(WorkerScope.NAME)
public @interface WorkerScope {

	/**
	 * The name of the scope.
	 */
	String NAME = "swoole-worker";

	/**
	 * How others refer to the bean: by default through a proxy of its class, which finds
	 * the instance of the worker at every call.
	 * @return the mode
	 */
	@AliasFor(annotation = Scope.class)
	ScopedProxyMode proxyMode() default ScopedProxyMode.TARGET_CLASS;

}
