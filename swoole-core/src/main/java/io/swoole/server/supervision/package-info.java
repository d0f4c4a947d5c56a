/**
 * The life of workers beyond their callbacks: start, restart and stop, reload, threads
 * that have to be given up.
 */
@NullMarked
package io.swoole.server.supervision;

import org.jspecify.annotations.NullMarked;
