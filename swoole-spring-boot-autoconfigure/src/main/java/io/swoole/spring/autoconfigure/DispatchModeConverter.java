package io.swoole.spring.autoconfigure;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

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
		if (source == null) {
			return null;
		}
		String text = source.toString().strip();
		String name = text.toUpperCase(Locale.ROOT).replace('-', '_');
		return Arrays.stream(DispatchMode.values())
			.filter((mode) -> mode.name().equals(name) || String.valueOf(mode.number()).equals(text))
			.findFirst()
			.orElseThrow(() -> new IllegalArgumentException(
					"Unknown dispatch mode '%s', allowed are %s".formatted(text, allowed())));
	}

	private static String allowed() {
		return Arrays.stream(DispatchMode.values())
			.map((mode) -> "%s (%d)".formatted(mode.name().toLowerCase(Locale.ROOT).replace('_', '-'), mode.number()))
			.collect(Collectors.joining(", "));
	}

}
