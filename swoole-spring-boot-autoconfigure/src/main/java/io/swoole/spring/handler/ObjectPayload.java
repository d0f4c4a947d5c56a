package io.swoole.spring.handler;

import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * An object that is handed over as it is.
 *
 * @param <A> the type of the argument that has the object
 */
final class ObjectPayload<A> implements Payload {

	private final Extractor extractor;

	private final String name;

	ObjectPayload(String name, int index, Class<A> argument, Function<A, @Nullable Object> data) {
		this.name = name;
		this.extractor = Extractor.of(index, argument, Object.class, data);
	}

	@Override
	public Extractor extractor(Class<?> type) {
		return this.extractor.as(type);
	}

	@Override
	public String allowedTypes() {
		return "one of any other type for the " + this.name;
	}

}
