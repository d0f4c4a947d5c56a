/**
 * The example of the first page of the documentation.
 */
@NullMarked
package io.swoole.sample;

import org.jspecify.annotations.NullMarked;
