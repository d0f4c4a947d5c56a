/**
 * Patience with clients: how long they may be silent, and how long a packet may take. One
 * timer per event loop looks after all of its connections.
 */
@NullMarked
package io.swoole.server.heartbeat;

import org.jspecify.annotations.NullMarked;
