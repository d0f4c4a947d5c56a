/**
 * The server as applications see it: {@link io.swoole.server.SwooleServer}, its options,
 * the callbacks it makes and the types that go with them.
 */
@NullMarked
package io.swoole.server;

import org.jspecify.annotations.NullMarked;
