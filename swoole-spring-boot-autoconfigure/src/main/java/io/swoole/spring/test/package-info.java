/**
 * Support for tests of applications with a server.
 */
@NullMarked
package io.swoole.spring.test;

import org.jspecify.annotations.NullMarked;
