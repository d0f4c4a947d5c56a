/**
 * Formats of packets.
 */
@NullMarked
package io.swoole.spring.payload;

import org.jspecify.annotations.NullMarked;
