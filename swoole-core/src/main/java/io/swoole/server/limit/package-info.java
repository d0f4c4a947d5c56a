/**
 * Who may connect, and how many.
 */
@NullMarked
package io.swoole.server.limit;

import org.jspecify.annotations.NullMarked;
