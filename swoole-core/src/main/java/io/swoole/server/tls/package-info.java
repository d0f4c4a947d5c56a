/**
 * TLS: from the accept to the connection that is established.
 */
@NullMarked
package io.swoole.server.tls;

import org.jspecify.annotations.NullMarked;
