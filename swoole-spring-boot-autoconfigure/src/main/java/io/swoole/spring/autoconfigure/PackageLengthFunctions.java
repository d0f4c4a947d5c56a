package io.swoole.spring.autoconfigure;

import java.util.List;

import io.swoole.server.InvalidOptionException;
import io.swoole.server.PackageLengthFunction;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;

/**
 * Chooses the bean that measures the packets of a listener. One that has a name is taken
 * by its name; where no listener names any, the only bean of the type is used wherever
 * packets are not framed in another way.
 */
final class PackageLengthFunctions {

	private static final String OPTION = "package-length-func";

	private final ListableBeanFactory beans;

	private final boolean named;

	/**
	 * Creates the choice.
	 * @param beans has the functions
	 * @param listeners the properties of all listeners
	 */
	PackageLengthFunctions(ListableBeanFactory beans, List<? extends ListenerProperties> listeners) {
		this.beans = beans;
		boolean named = false;
		for (ListenerProperties listener : listeners) {
			named |= listener.getPackageLengthFunc() != null;
		}
		this.named = named;
	}

	/**
	 * The function of a listener.
	 * @param listener the name of the listener
	 * @param properties its properties
	 * @return the function, {@code null} if it has none
	 * @throws InvalidOptionException if there is no such bean, or too many of them
	 */
	@Nullable PackageLengthFunction find(String listener, ListenerProperties properties) {
		String name = properties.getPackageLengthFunc();
		if (name != null) {
			if (!names().contains(name)) {
				throw new InvalidOptionException(listener, OPTION, name,
						"there is no bean of type PackageLengthFunction with this name, but " + names());
			}
			return this.beans.getBean(name, PackageLengthFunction.class);
		}
		boolean otherFraming = properties.isOpenEofCheck() || properties.isOpenEofSplit()
				|| properties.isOpenMqttProtocol();
		if (this.named || otherFraming) {
			return null;
		}
		PackageLengthFunction function = this.beans.getBeanProvider(PackageLengthFunction.class).getIfUnique();
		if (function == null && !names().isEmpty()) {
			throw new InvalidOptionException(listener, OPTION, null,
					"there are several beans of type PackageLengthFunction, set the name of one of " + names());
		}
		return function;
	}

	private List<String> names() {
		return List.of(this.beans.getBeanNamesForType(PackageLengthFunction.class));
	}

}
