/**
 * The calls to what the application has put around tasks: context, transactions.
 */
@NullMarked
package io.swoole.task.interception;

import org.jspecify.annotations.NullMarked;
