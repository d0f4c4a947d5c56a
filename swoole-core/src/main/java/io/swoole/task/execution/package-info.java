/**
 * From {@code task()} to the result: submission, the pool of task workers and the way of
 * results back to the event workers.
 */
@NullMarked
package io.swoole.task.execution;

import org.jspecify.annotations.NullMarked;
