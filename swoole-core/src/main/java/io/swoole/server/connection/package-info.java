/**
 * Connections: their state from accept to release, what waits to be written to them, and
 * the registry that finds them by fd.
 */
@NullMarked
package io.swoole.server.connection;

import org.jspecify.annotations.NullMarked;
