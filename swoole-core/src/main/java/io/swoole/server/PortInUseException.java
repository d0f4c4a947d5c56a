package io.swoole.server;

/**
 * The address of a listener is taken by another socket.
 */
public class PortInUseException extends ServerException {

	private static final long serialVersionUID = 1L;

	private final String listener;

	private final String host;

	private final int port;

	/**
	 * Creates an exception.
	 * @param listener the name of the listener
	 * @param host its address, or the path of its unix socket
	 * @param port its port, 0 for a unix socket
	 * @param cause what the operating system said
	 */
	public PortInUseException(String listener, String host, int port, Throwable cause) {
		super("Listener '" + listener + "' cannot be bound: " + host + ((port > 0) ? ":" + port : "") + " is in use",
				cause);
		this.listener = listener;
		this.host = host;
		this.port = port;
	}

	/**
	 * The name of the listener that could not be bound.
	 * @return the name
	 */
	public String getListener() {
		return this.listener;
	}

	/**
	 * The address that is taken.
	 * @return the address
	 */
	public String getHost() {
		return this.host;
	}

	/**
	 * The port that is taken.
	 * @return the port
	 */
	public int getPort() {
		return this.port;
	}

}
