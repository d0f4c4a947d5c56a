package io.swoole.task.queue;

import io.swoole.server.Internal;

/**
 * One attempt to execute a task, while it lasts. Who executes tasks knows more about it.
 */
@Internal
public interface TaskExecution {

}
