package io.swoole.task.queue;

import io.swoole.server.Internal;

/**
 * What is known about an attempt to execute a task, while it lasts: as little as where it
 * runs, if nobody wants more. Who executes tasks knows more about it.
 */
@Internal
public interface TaskExecution {

}
