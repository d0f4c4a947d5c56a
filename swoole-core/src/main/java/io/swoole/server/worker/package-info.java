/**
 * Where callbacks run: workers, their mailboxes and the event loops below them. The only
 * place that hands work from one thread to another.
 */
@NullMarked
package io.swoole.server.worker;

import org.jspecify.annotations.NullMarked;
