package io.swoole.spring.handler;

import org.jspecify.annotations.Nullable;

/**
 * The part of a callback the application has put there: a packet, a task, a result.
 */
interface Payload {

	/**
	 * How a parameter of some type gets the payload.
	 * @param type the type of the parameter
	 * @return the extractor, or {@code null} if the payload cannot be had as this type
	 */
	@Nullable Extractor extractor(Class<?> type);

	/**
	 * The types a parameter may have, to be shown to the user.
	 * @return the types
	 */
	String allowedTypes();

}
