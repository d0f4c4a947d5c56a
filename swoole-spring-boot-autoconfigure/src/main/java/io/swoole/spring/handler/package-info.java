/**
 * Finds annotated handlers, binds their parameters once and calls them.
 */
@NullMarked
package io.swoole.spring.handler;

import org.jspecify.annotations.NullMarked;
