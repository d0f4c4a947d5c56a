package io.swoole.spring.payload;

import java.io.InputStream;
import java.io.OutputStream;

import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.ByteBufOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.core.ResolvableType;

/**
 * JSON, by Jackson: the format of everything no other {@link PayloadConverter} takes.
 */
public final class JsonPayloadConverter implements PayloadConverter {

	private final JsonMapper mapper;

	/**
	 * Creates a converter.
	 * @param mapper how JSON is read and written
	 */
	public JsonPayloadConverter(JsonMapper mapper) {
		this.mapper = mapper;
	}

	@Override
	public @Nullable Reader reader(ResolvableType type) {
		JavaType javaType = this.mapper.constructType(type.getType());
		if (!isReadable(javaType)) {
			return null;
		}
		ObjectReader reader = this.mapper.readerFor(javaType);
		return (packet) -> reader.readValue((InputStream) new ByteBufInputStream(packet));
	}

	/**
	 * Whether Jackson knows how to make such objects. It tells when it has to make one:
	 * an abstract type may be one that stands for others, by its annotations.
	 */
	private boolean isReadable(JavaType type) {
		try {
			this.mapper.readerFor(type).readValue(type.isAbstract() ? "{}" : "null");
			return true;
		}
		catch (InvalidDefinitionException ex) {
			return false;
		}
		catch (JacksonException ex) {
			return true; // it only did not like the value
		}
	}

	@Override
	public Writer writer(ResolvableType type) {
		JavaType javaType = this.mapper.constructType(type.getType());
		// the elements of a container have lost their types, other objects know theirs
		ObjectWriter writer = (javaType.isContainerType() && type.hasGenerics()) ? this.mapper.writerFor(javaType)
				: this.mapper.writer();
		return (value, packet) -> writer.writeValue((OutputStream) new ByteBufOutputStream(packet), value);
	}

}
