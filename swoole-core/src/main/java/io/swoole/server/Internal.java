package io.swoole.server;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks what is public only because another package of the engine needs it. It is not
 * part of the contract and may change in any release. No other module uses it, with one
 * exception: benchmarks of the engine's parts, which stand in packages of the same names
 * in the module {@code benchmarks} and are changed together with the engine.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({ ElementType.TYPE, ElementType.METHOD, ElementType.CONSTRUCTOR, ElementType.FIELD })
public @interface Internal {

}
