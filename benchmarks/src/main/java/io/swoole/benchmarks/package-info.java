/**
 * Runs servers as processes of their own, loads them in turn and reports the figures.
 */
@NullMarked
package io.swoole.benchmarks;

import org.jspecify.annotations.NullMarked;
