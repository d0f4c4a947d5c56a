/**
 * Micro benchmarks of what is not visible outside this package of the core.
 */
@NullMarked
package io.swoole.task.queue;

import org.jspecify.annotations.NullMarked;
