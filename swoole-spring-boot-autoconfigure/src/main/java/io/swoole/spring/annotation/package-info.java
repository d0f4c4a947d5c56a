/**
 * Annotations that mark the methods and beans a server calls.
 */
@NullMarked
package io.swoole.spring.annotation;

import org.jspecify.annotations.NullMarked;
