package io.swoole.spring.handler;

import java.util.ArrayList;
import java.util.List;

import io.netty.buffer.ByteBuf;
import io.swoole.spring.payload.JsonPayloadConverter;
import io.swoole.spring.payload.PayloadConverter;
import io.swoole.spring.payload.PayloadConverter.Reader;
import io.swoole.spring.payload.PayloadConverter.Writer;
import org.jspecify.annotations.Nullable;

import org.springframework.core.ResolvableType;
import org.springframework.util.ClassUtils;

/**
 * The formats packets are read from and written in, beside bytes and text: those of the
 * application in their order, then JSON.
 */
final class PacketFormats {

	/** What to do when JSON is asked for and not there. */
	static final String JSON_HINT = "For JSON add Jackson, such as the dependency"
			+ " org.springframework.boot:spring-boot-starter-jackson, and let there be one JsonMapper bean"
			+ " (or mark one of several with @Primary); for another format add a PayloadConverter bean.";

	private final List<PayloadConverter> converters;

	private final @Nullable PayloadConverter json;

	/**
	 * Collects formats.
	 * @param converters what the application has, in its order
	 */
	PacketFormats(List<PayloadConverter> converters) {
		this.converters = new ArrayList<>();
		@Nullable PayloadConverter json = null;
		for (PayloadConverter converter : converters) {
			if (!(converter instanceof JsonPayloadConverter)) {
				this.converters.add(converter);
			}
			else if (json == null) {
				json = converter;
			}
		}
		this.json = json;
	}

	boolean hasJson() {
		return this.json != null;
	}

	/**
	 * How packets are read into a type.
	 * @param type the type of the parameter
	 * @return the reader, {@code null} if no format has the type
	 */
	@Nullable PacketReader reader(ResolvableType type) {
		Class<?> raw = type.toClass();
		// these mean something else, or are misspelled
		if (ClassUtils.isPrimitiveOrWrapper(raw) || HandlerEvent.isValueOfAny(raw)
				|| ByteBuf.class.isAssignableFrom(raw)) {
			return null;
		}
		for (PayloadConverter converter : this.converters) {
			Reader reader = converter.reader(type);
			if (reader != null) {
				return new PacketReader(type, reader, false);
			}
		}
		Reader reader = (this.json != null) ? this.json.reader(type) : null;
		return (reader != null) ? new PacketReader(type, reader, true) : null;
	}

	/**
	 * How values of a type are written.
	 * @param type the type
	 * @return the writer, {@code null} if no format has the type
	 */
	@Nullable Writer writer(ResolvableType type) {
		for (PayloadConverter converter : this.converters) {
			Writer writer = converter.writer(type);
			if (writer != null) {
				return writer;
			}
		}
		return (this.json != null) ? this.json.writer(type) : null;
	}

}
