/**
 * From a connection to the worker that handles what happens to it.
 */
@NullMarked
package io.swoole.server.dispatch;

import org.jspecify.annotations.NullMarked;
