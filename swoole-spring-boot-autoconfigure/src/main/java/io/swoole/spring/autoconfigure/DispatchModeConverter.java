package io.swoole.spring.autoconfigure;

import java.util.Set;

import io.swoole.server.DispatchMode;
import org.jspecify.annotations.Nullable;

import org.springframework.core.convert.TypeDescriptor;
import org.springframework.core.convert.converter.GenericConverter;

/**
 * Reads a dispatch mode by its name or by Swoole's number.
 */
final class DispatchModeConverter implements GenericConverter {

	@Override
	public Set<ConvertiblePair> getConvertibleTypes() {
		return Set.of(new ConvertiblePair(String.class, DispatchMode.class),
				new ConvertiblePair(Integer.class, DispatchMode.class));
	}

	@Override
	public @Nullable Object convert(@Nullable Object source, TypeDescriptor sourceType, TypeDescriptor targetType) {
		return (source != null) ? DispatchMode.of(source.toString()) : null;
	}

}
