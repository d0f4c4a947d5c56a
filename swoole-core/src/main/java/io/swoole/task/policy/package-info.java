/**
 * What is decided about tasks: the terms of each type, and what becomes of failures.
 */
@NullMarked
package io.swoole.task.policy;

import org.jspecify.annotations.NullMarked;
