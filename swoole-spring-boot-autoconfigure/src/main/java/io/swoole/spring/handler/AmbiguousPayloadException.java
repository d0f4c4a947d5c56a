package io.swoole.spring.handler;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Several handlers take a payload and none of them is the most specific.
 */
final class AmbiguousPayloadException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	AmbiguousPayloadException(Class<?> payloadType, List<BoundHandler> handlers) {
		super("A payload of type %s is taken by several methods: %s. Declare one whose parameter is of type %s."
			.formatted(payloadType.getName(), names(handlers), payloadType.getSimpleName()));
	}

	private static String names(List<BoundHandler> handlers) {
		return handlers.stream()
			.map((handler) -> handler.method().event() + " " + handler.method())
			.collect(Collectors.joining(" and "));
	}

}
