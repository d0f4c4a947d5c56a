/**
 * An application and its tests, as {@code docs/testing.md} shows them.
 */
@NullMarked
package io.swoole.greeting;

import org.jspecify.annotations.NullMarked;
