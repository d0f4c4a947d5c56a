package io.swoole.spring.handler;

import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * An object that is handed over as it is.
 */
final class ObjectPayload implements Payload {

	private final String name;

	private final CallbackSignature.Value value;

	private final Class<?> bound;

	/**
	 * Creates a payload.
	 * @param name what it is called when the user is told
	 * @param value where it is
	 * @param bound the type all payloads have
	 */
	ObjectPayload(String name, CallbackSignature.Value value, Class<?> bound) {
		this.name = name;
		this.value = value;
		this.bound = bound;
	}

	@Override
	public @Nullable Extractor extractor(Class<?> type) {
		return (type == Object.class || ClassUtils.isAssignable(this.bound, type) || type.isInterface())
				? this.value.extractor().as(type) : null;
	}

	@Override
	public String allowedTypes() {
		return (this.bound == Object.class) ? "one of any other type for the " + this.name
				: this.bound.getSimpleName() + " or a subclass for the " + this.name;
	}

}
