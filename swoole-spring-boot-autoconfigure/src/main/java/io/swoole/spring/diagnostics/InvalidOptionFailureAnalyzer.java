package io.swoole.spring.diagnostics;

import io.swoole.server.InvalidOptionException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;

/**
 * Explains that a setting has a value the server cannot work with.
 */
final class InvalidOptionFailureAnalyzer extends AbstractFailureAnalyzer<InvalidOptionException> {

	private static final String PREFIX = "swoole.server";

	private final @Nullable Environment environment;

	InvalidOptionFailureAnalyzer(@Nullable Environment environment) {
		this.environment = environment;
	}

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidOptionException cause) {
		String property = prefix(cause.getListener()) + "." + cause.getOption();
		ConfigurationProperty configured = find(property);
		StringBuilder description = new StringBuilder();
		description.append("Property '%s' has an invalid value:%n%n".formatted(property));
		description.append("    Value: \"%s\"%n".formatted(escape(cause.getValue())));
		if (configured != null && configured.getOrigin() != null) {
			description.append("    Origin: %s%n".formatted(configured.getOrigin()));
		}
		description.append("    Reason: %s".formatted(cause.getReason()));
		return new FailureAnalysis(description.toString(), (configured != null || hasEntries(property))
				? "Correct the value of '%s'.".formatted(property)
				: "Correct the value of '%s'. It is not configured, so it is the default or set by a SwooleServerCustomizer."
					.formatted(property),
				cause);
	}

	/** Where the properties of a listener are. */
	private String prefix(String listener) {
		if (listener.isEmpty() || "main".equals(listener)) {
			return PREFIX;
		}
		for (int i = 0;; i++) {
			String prefix = PREFIX + ".listeners[" + i + "]";
			ConfigurationProperty name = find(prefix + ".name");
			if (name == null) {
				return PREFIX; // set by a customizer
			}
			if (listener.equals(name.getValue())) {
				return prefix;
			}
		}
	}

	private @Nullable ConfigurationProperty find(String property) {
		if (this.environment == null || !ConfigurationPropertyName.isValid(property)) {
			return null;
		}
		ConfigurationPropertyName name = ConfigurationPropertyName.of(property);
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(this.environment)) {
			ConfigurationProperty found = source.getConfigurationProperty(name);
			if (found != null) {
				return found;
			}
		}
		return null;
	}

	/** Whether something is configured below a property, such as the entries of a map. */
	private boolean hasEntries(String property) {
		if (this.environment == null || !ConfigurationPropertyName.isValid(property)) {
			return false;
		}
		ConfigurationPropertyName name = ConfigurationPropertyName.of(property);
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(this.environment)) {
			if (source.containsDescendantOf(name) == ConfigurationPropertyState.PRESENT) {
				return true;
			}
		}
		return false;
	}

	private static String escape(@Nullable Object value) {
		return String.valueOf(value).replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t");
	}

}
