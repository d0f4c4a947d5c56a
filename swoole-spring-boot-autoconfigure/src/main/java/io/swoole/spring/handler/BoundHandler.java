package io.swoole.spring.handler;

import java.lang.invoke.MethodHandle;

/**
 * A handler ready to be called.
 *
 * @param method the planned method
 * @param handle takes the arguments of the callback and returns an object, {@code null}
 * for a method that returns nothing
 */
record BoundHandler(HandlerMethod method, MethodHandle handle) {

}
