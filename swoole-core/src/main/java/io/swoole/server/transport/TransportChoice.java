package io.swoole.server.transport;

import java.util.List;

import io.swoole.server.InvalidOptionException;
import io.swoole.server.TransportType;

/**
 * Chooses among the ways to the operating system. Which of them work is for them to say,
 * so that every system takes the same decision.
 *
 * @param candidates all of them, the best first; the last works everywhere
 */
record TransportChoice(List<Transport> candidates) {

	Transport choose(TransportType wanted) {
		for (Transport candidate : this.candidates) {
			if (wanted == TransportType.AUTO && candidate.unavailabilityCause() == null) {
				return candidate;
			}
			if (wanted == candidate.type()) {
				return available(candidate);
			}
		}
		throw new IllegalStateException("No transport works here");
	}

	private static Transport available(Transport transport) {
		Throwable cause = transport.unavailabilityCause();
		if (cause != null) {
			throw new InvalidOptionException("", "transport", transport.type(), "it does not work here (" + cause
					+ "); add Netty's native library for this platform or set transport to auto");
		}
		return transport;
	}

}
