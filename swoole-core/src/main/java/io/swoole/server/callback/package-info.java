/**
 * The calls into the application: one place that runs callbacks, and logs, counts and
 * reports what they throw.
 */
@NullMarked
package io.swoole.server.callback;

import org.jspecify.annotations.NullMarked;
