/**
 * What Spring applications put around their tasks: logging and tracing context, and
 * transactions.
 */
@NullMarked
package io.swoole.spring.task;

import org.jspecify.annotations.NullMarked;
