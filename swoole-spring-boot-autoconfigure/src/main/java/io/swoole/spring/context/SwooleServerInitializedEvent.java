package io.swoole.spring.context;

import io.swoole.server.SwooleServer;

import org.springframework.context.ApplicationEvent;

/**
 * Published when the server has started and accepts connections, in the thread that
 * starts the application context, and again after every restart.
 */
public class SwooleServerInitializedEvent extends ApplicationEvent {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates an event.
	 * @param server the server
	 */
	public SwooleServerInitializedEvent(SwooleServer server) {
		super(server);
	}

	/**
	 * The server that has started; its {@link SwooleServer#getAddress() address} has the
	 * bound port.
	 * @return the server
	 */
	public SwooleServer getServer() {
		return (SwooleServer) getSource();
	}

}
