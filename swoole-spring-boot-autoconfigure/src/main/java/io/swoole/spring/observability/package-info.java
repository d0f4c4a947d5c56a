/**
 * What the server tells about itself: metrics and health.
 */
@NullMarked
package io.swoole.spring.observability;

import org.jspecify.annotations.NullMarked;
