/**
 * Auto-configuration of the server and its properties.
 */
@NullMarked
package io.swoole.spring.autoconfigure;

import org.jspecify.annotations.NullMarked;
