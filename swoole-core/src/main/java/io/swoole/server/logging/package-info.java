/**
 * Keeps a flood of failures from becoming a flood of log lines.
 */
@NullMarked
package io.swoole.server.logging;

import org.jspecify.annotations.NullMarked;
