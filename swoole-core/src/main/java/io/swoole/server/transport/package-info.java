/**
 * The ways to the operating system: epoll, kqueue and Java's NIO.
 */
@NullMarked
package io.swoole.server.transport;

import org.jspecify.annotations.NullMarked;
