/**
 * The seam between those who post tasks and those who execute them. The queue owns a task
 * from acceptance to settlement; the one in memory is the first implementation.
 */
@NullMarked
package io.swoole.task.queue;

import org.jspecify.annotations.NullMarked;
