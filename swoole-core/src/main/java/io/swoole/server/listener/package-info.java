/**
 * The sockets a server listens on: streams that accept connections, and datagrams.
 */
@NullMarked
package io.swoole.server.listener;

import org.jspecify.annotations.NullMarked;
