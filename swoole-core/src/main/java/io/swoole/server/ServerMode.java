package io.swoole.server;

/**
 * How event loops and workers relate. Swoole: {@code SWOOLE_BASE} and
 * {@code SWOOLE_PROCESS}.
 */
public enum ServerMode {

	/**
	 * A worker is an event loop: no hand-off between reading and handling. A handler that
	 * blocks stalls the connections of its worker.
	 */
	BASE,

	/**
	 * Event loops read and write, separate worker threads run the callbacks. A handler
	 * that blocks stops neither reading nor writing.
	 */
	PROCESS

}
