/**
 * Servers that all do the same: answer every packet that ends with an empty line, at once
 * (E) or after a task on a pool of four threads (T), in the thread of the connection.
 */
@NullMarked
package io.swoole.benchmarks.contender;

import org.jspecify.annotations.NullMarked;
