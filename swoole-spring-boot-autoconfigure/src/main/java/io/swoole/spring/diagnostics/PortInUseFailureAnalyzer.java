package io.swoole.spring.diagnostics;

import io.swoole.server.PortInUseException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Explains that a listener's address is taken.
 */
final class PortInUseFailureAnalyzer extends AbstractFailureAnalyzer<PortInUseException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, PortInUseException cause) {
		if (cause.getPort() == 0) {
			return new FailureAnalysis(
					"The server could not listen on the unix socket %s, as another program does so already."
						.formatted(cause.getHost()),
					"Stop the program that listens on %s, or set 'host' of listener '%s' to another path."
						.formatted(cause.getHost(), cause.getListener()),
					cause);
		}
		String property = "main".equals(cause.getListener()) ? "swoole.server.port"
				: "'port' of listener '" + cause.getListener() + "'";
		return new FailureAnalysis(
				"The server could not listen on %s:%d, as another program does so already.".formatted(cause.getHost(),
						cause.getPort()),
				"Stop the program that listens on port %d, or set %s to another port (0: any free port)."
					.formatted(cause.getPort(), property),
				cause);
	}

}
