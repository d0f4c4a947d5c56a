/**
 * Micro benchmarks of the pieces a packet passes, for JMH.
 */
@NullMarked
package io.swoole.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
