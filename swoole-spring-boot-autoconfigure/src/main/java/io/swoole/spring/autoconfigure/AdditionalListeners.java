package io.swoole.spring.autoconfigure;

import java.beans.PropertyDescriptor;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

import io.swoole.server.InvalidOptionException;
import io.swoole.server.ListenerType;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanUtils;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.core.env.Environment;
import org.springframework.util.ReflectionUtils;

/**
 * Reads the listeners beside the main one. What is not set for a listener it takes over
 * from the main one: framing and TLS together, if nothing of them is set, everything else
 * one by one. For that its properties are bound over a copy of those of the main one.
 */
final class AdditionalListeners {

	private static final String PREFIX = "swoole.server.listeners";

	/** Says where a listener listens; of the host see below. */
	private static final Set<String> ADDRESS = Set.of("type", "host", "unix-socket-permissions");

	/** Framing and TLS. */
	private static final Set<String> GROUP = Set.of("open-eof-check", "open-eof-split", "package-eof",
			"open-length-check", "package-length-type", "package-length-offset", "package-body-offset",
			"package-length-func", "open-mqtt-protocol", "package-strip", "ssl", "ssl-allow-self-signed");

	private final SwooleServerProperties main;

	private final Binder binder;

	private AdditionalListeners(SwooleServerProperties main, Binder binder) {
		this.main = main;
		this.binder = binder;
	}

	/**
	 * Reads the listeners.
	 * @param main the properties of the server
	 * @param environment where they come from
	 * @return the properties of the other listeners, with what they inherit
	 * @throws InvalidOptionException if a listener has no name or port of its own
	 */
	static List<AdditionalListenerProperties> read(SwooleServerProperties main, Environment environment) {
		AdditionalListeners listeners = new AdditionalListeners(main, Binder.get(environment));
		List<AdditionalListenerProperties> all = new ArrayList<>();
		Set<String> names = new HashSet<>(Set.of("main"));
		for (int i = 0; i < main.getListeners().size(); i++) {
			AdditionalListenerProperties own = main.getListeners().get(i);
			String name = own.getName();
			if (name == null || !names.add(name)) {
				throw new InvalidOptionException("", "listeners[" + i + "].name", name,
						(name == null) ? "a listener needs a name"
								: "another listener has this name already, main is the first of all");
			}
			if (own.getPort() == null && !own.getType().isUnix()) {
				throw new InvalidOptionException(name, "port", null, "must be set, 0 means any free port");
			}
			all.add(listeners.withInherited(own, PREFIX + "[" + i + "]"));
		}
		return all;
	}

	private AdditionalListenerProperties withInherited(AdditionalListenerProperties own, String prefix) {
		AdditionalListenerProperties properties = new AdditionalListenerProperties();
		boolean group = !own.getType().isDatagram() && GROUP.stream().noneMatch((name) -> isSet(prefix, name));
		for (PropertyDescriptor property : BeanUtils.getPropertyDescriptors(ListenerProperties.class)) {
			String name = DataObjectPropertyName.toDashedForm(property.getName());
			if (property.getWriteMethod() != null && !ADDRESS.contains(name) && (group || !GROUP.contains(name))
					&& applies(name, own.getType())) {
				copy(property, properties);
			}
		}
		if (own.getType().isUnix() == this.main.getType().isUnix()
				&& own.getType().isIpv6() == this.main.getType().isIpv6() && !own.getType().isUnix()) {
			properties.setHost(this.main.getHost());
		}
		this.binder.bind(prefix, Bindable.ofInstance(properties));
		return properties;
	}

	private boolean isSet(String prefix, String name) {
		Class<?> type = "ssl".equals(name) ? ListenerProperties.Ssl.class : Object.class;
		return this.binder.bind(prefix + "." + name, Bindable.of(type)).isBound();
	}

	/** Whether a setting means something for a type of listener. */
	private static boolean applies(String name, ListenerType type) {
		return switch (name) {
			case "allow-from", "deny-from" -> !type.isUnix();
			case "proxy-protocol" -> !type.isDatagram();
			default -> true;
		};
	}

	private void copy(PropertyDescriptor property, ListenerProperties target) {
		Method write = Objects.requireNonNull(property.getWriteMethod());
		@Nullable Object value = ReflectionUtils.invokeMethod(Objects.requireNonNull(property.getReadMethod()), this.main);
		// binding may change a list
		ReflectionUtils.invokeMethod(write, target, (value instanceof List<?> list) ? new ArrayList<>(list) : value);
	}

}
