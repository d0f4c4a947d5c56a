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
	 * How a parameter gets the payload that is a packet of some format.
	 * @param reader reads the packet
	 * @return the extractor, or {@code null} if the payload is no packet
	 */
	default @Nullable Extractor extractor(PacketReader reader) {
		return null;
	}

	/**
	 * Whether the payload is a packet, for which there are formats.
	 * @return {@code true} if so
	 */
	default boolean isPacket() {
		return false;
	}

	/**
	 * The types a parameter may have, to be shown to the user.
	 * @return the types
	 */
	String allowedTypes();

}
