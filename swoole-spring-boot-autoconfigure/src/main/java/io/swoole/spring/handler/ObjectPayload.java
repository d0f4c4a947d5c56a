package io.swoole.spring.handler;

import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * An object that is handed over as it is.
 *
 * @param <A> the type of the argument that has the object
 */
final class ObjectPayload<A> implements Payload {

	private final Extractor extractor;

	private final String name;

	private final Class<?> bound;

	ObjectPayload(String name, int index, Class<A> argument, Function<A, @Nullable Object> data) {
		this(name, index, argument, data, Object.class);
	}

	/**
	 * Creates a payload that can only be of certain types.
	 * @param bound the type all payloads have
	 */
	ObjectPayload(String name, int index, Class<A> argument, Function<A, @Nullable Object> data, Class<?> bound) {
		this.name = name;
		this.bound = bound;
		this.extractor = Extractor.of(index, argument, Object.class, data);
	}

	@Override
	public @Nullable Extractor extractor(Class<?> type) {
		return (type == Object.class || ClassUtils.isAssignable(this.bound, type) || type.isInterface())
				? this.extractor.as(type) : null;
	}

	@Override
	public String allowedTypes() {
		return (this.bound == Object.class) ? "one of any other type for the " + this.name
				: this.bound.getSimpleName() + " or a subclass for the " + this.name;
	}

}
