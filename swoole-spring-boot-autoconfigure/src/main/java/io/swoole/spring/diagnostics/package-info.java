/**
 * Explains to users why a start has failed and what to do.
 */
@NullMarked
package io.swoole.spring.diagnostics;

import org.jspecify.annotations.NullMarked;
