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
		return new FailureAnalysis(
				"The server could not listen on %s:%d, as another program does so already.".formatted(cause.getHost(),
						cause.getPort()),
				"Stop the program that listens on port %d, or set swoole.server.port to another port (0: any free port)."
					.formatted(cause.getPort()),
				cause);
	}

}
