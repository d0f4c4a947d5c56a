/**
 * Tasks as applications see them: slow work that an event worker hands to the task
 * workers, and the results that come back.
 */
@NullMarked
package io.swoole.task;

import org.jspecify.annotations.NullMarked;
