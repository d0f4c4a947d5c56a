/**
 * What tests of all modules share: servers, clients, leak checks.
 */
@NullMarked
package io.swoole.testing;

import org.jspecify.annotations.NullMarked;
