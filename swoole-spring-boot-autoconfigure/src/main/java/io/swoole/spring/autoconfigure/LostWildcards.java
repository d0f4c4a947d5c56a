package io.swoole.spring.autoconfigure;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.swoole.server.InvalidOptionException;

import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;

/**
 * Finds host names whose asterisk the binder drops, as it stands in no brackets:
 * {@code *.b.test} would become {@code b.test}, another name.
 */
final class LostWildcards {

	private static final Pattern LOST = Pattern
		.compile("swoole\\.server\\.((?:listeners\\[\\d+]\\.)?ssl\\.sni)\\.(\\*.*)", Pattern.CASE_INSENSITIVE);

	private LostWildcards() {
	}

	/**
	 * Looks for such names.
	 * @param environment has the properties
	 * @throws InvalidOptionException if there is one
	 */
	static void check(ConfigurableEnvironment environment) {
		for (PropertySource<?> source : environment.getPropertySources()) {
			if (source instanceof EnumerablePropertySource<?> enumerable) {
				for (String name : enumerable.getPropertyNames()) {
					check(name);
				}
			}
		}
	}

	private static void check(String property) {
		Matcher matcher = LOST.matcher(property);
		if (matcher.matches()) {
			String host = matcher.group(2);
			throw new InvalidOptionException("", matcher.group(1), host,
					"write a name with a wildcard in brackets, '[" + host + "]', in YAML also in quotes");
		}
	}

}
