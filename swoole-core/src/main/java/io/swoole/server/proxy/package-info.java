/**
 * The PROXY protocol, by which a load balancer announces the address of a client. Needs
 * {@code io.netty:netty-codec-haproxy}, which is optional.
 */
@NullMarked
package io.swoole.server.proxy;

import org.jspecify.annotations.NullMarked;
