package io.swoole.server.engine;

import java.util.List;

import io.swoole.server.DispatchMode;
import io.swoole.server.ServerHandler;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says at the start what the settings mean where that may surprise.
 */
final class StartWarnings {

	private static final Logger logger = LoggerFactory.getLogger(SwooleServer.class);

	private static final List<String> CONNECTION_EVENTS = List.of("onConnect", "onClose", "onBufferFull",
			"onBufferEmpty");

	private StartWarnings() {
	}

	static void log(ServerOptions options, ServerHandler handler) {
		DispatchMode mode = options.dispatchMode();
		if (mode == DispatchMode.STREAM) {
			logger.warn("dispatch-mode 7 works as 3: set dispatch-mode to 3");
		}
		if (!options.hasConnectionEvents()) {
			CONNECTION_EVENTS.stream()
				.filter(handler::handles)
				.forEach((callback) -> logger
					.warn("{} is never called in dispatch-mode {}, which cannot keep it in order with packets: choose"
							+ " another mode, or set enable-unsafe-event to true (9015)", callback, mode.number()));
		}
	}

}
