/**
 * Time for tasks: delays, back-offs, deadlines and timeouts, all in one heap with one
 * thread.
 */
@NullMarked
package io.swoole.task.timer;

import org.jspecify.annotations.NullMarked;
