/**
 * Connections that are reached together.
 */
@NullMarked
package io.swoole.server.group;

import org.jspecify.annotations.NullMarked;
