/**
 * Where results go: to the mailbox of the event worker that dispatched the task, to
 * whoever waits, or to a callback.
 */
@NullMarked
package io.swoole.task.result;

import org.jspecify.annotations.NullMarked;
