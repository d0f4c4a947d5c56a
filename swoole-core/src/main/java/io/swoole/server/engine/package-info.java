/**
 * The server itself: puts workers, listeners and tasks together, starts and stops them.
 */
@NullMarked
package io.swoole.server.engine;

import org.jspecify.annotations.NullMarked;
