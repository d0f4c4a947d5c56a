/**
 * The life of the server within the application context.
 */
@NullMarked
package io.swoole.spring.context;

import org.jspecify.annotations.NullMarked;
