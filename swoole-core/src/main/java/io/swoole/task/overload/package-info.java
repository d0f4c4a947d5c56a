/**
 * What happens when tasks come in faster than they are done: the connections they come
 * from wait, fairly, so that nothing has to be refused.
 */
@NullMarked
package io.swoole.task.overload;

import org.jspecify.annotations.NullMarked;
