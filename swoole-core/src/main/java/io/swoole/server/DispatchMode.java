package io.swoole.server;

/**
 * How a packet finds its worker. Swoole: {@code dispatch_mode}.
 */
public enum DispatchMode {

	/** Every packet of a connection goes to the same worker: fd modulo worker-num. */
	FIXED(2);

	private final int number;

	DispatchMode(int number) {
		this.number = number;
	}

	/**
	 * Swoole's number of this mode.
	 * @return the number
	 */
	public int number() {
		return this.number;
	}

}
