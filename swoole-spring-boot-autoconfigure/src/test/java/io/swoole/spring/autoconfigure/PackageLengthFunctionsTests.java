package io.swoole.spring.autoconfigure;

import java.util.List;
import java.util.function.Consumer;

import io.swoole.server.InvalidOptionException;
import io.swoole.server.PackageLengthFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.support.StaticListableBeanFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link PackageLengthFunctions}: FRAME-30.
 */
class PackageLengthFunctionsTests {

	private final StaticListableBeanFactory beans = new StaticListableBeanFactory();

	private final PackageLengthFunction first = (data) -> 1;

	private final PackageLengthFunction second = (data) -> 2;

	@Test
	void whenThereIsNoBeanThenThereIsNoFunction() {
		assertThat(find(properties(null))).isNull();
	}

	@Test
	void whenThereIsOneBeanThenItIsUsedByItself() {
		this.beans.addBean("first", this.first);
		assertThat(find(properties(null))).isSameAs(this.first);
		assertThat(find(properties(null, (properties) -> properties.setOpenLengthCheck(true)))).isSameAs(this.first);
	}

	@Test
	void whenPacketsAreFramedInAnotherWayThenOnlyBeanIsNotUsed() {
		this.beans.addBean("first", this.first);
		assertThat(find(properties(null, (properties) -> properties.setOpenEofSplit(true)))).isNull();
		assertThat(find(properties(null, (properties) -> properties.setOpenEofCheck(true)))).isNull();
		assertThat(find(properties(null, (properties) -> properties.setOpenMqttProtocol(true)))).isNull();
	}

	@Test
	void whenBeanIsNamedThenItIsUsed() {
		this.beans.addBean("first", this.first);
		this.beans.addBean("second", this.second);
		assertThat(find(properties("second"))).isSameAs(this.second);
	}

	@Test
	void whenOtherListenerNamesTheBeanThenOnlyThatOneUsesIt() {
		this.beans.addBean("first", this.first);
		ListenerProperties named = properties("first");
		ListenerProperties unnamed = properties(null, (properties) -> properties.setOpenLengthCheck(true));
		PackageLengthFunctions functions = new PackageLengthFunctions(this.beans, List.of(unnamed, named));
		assertThat(functions.find("main", unnamed)).isNull();
		assertThat(functions.find("other", named)).isSameAs(this.first);
	}

	@Test
	void whenThereAreSeveralBeansThenOneMustBeNamed() {
		this.beans.addBean("first", this.first);
		this.beans.addBean("second", this.second);
		assertThatExceptionOfType(InvalidOptionException.class).isThrownBy(() -> find(properties(null)))
			.withMessageContaining("package-length-func")
			.withMessageContaining("set the name of one of [first, second]");
	}

	@Test
	void whenThereIsNoBeanOfTheNameThenStartFails() {
		this.beans.addBean("first", this.first);
		this.beans.addBean("other", "text");
		for (String name : List.of("other", "missing", "")) {
			assertThatExceptionOfType(InvalidOptionException.class).isThrownBy(() -> find(properties(name)))
				.withMessageContaining("Invalid value '" + name + "' for package-length-func of listener 'main'")
				.withMessageContaining("[first]");
		}
	}

	private @Nullable PackageLengthFunction find(ListenerProperties properties) {
		return new PackageLengthFunctions(this.beans, List.of(properties)).find("main", properties);
	}

	private static ListenerProperties properties(@Nullable String name) {
		return properties(name, (properties) -> {
		});
	}

	private static ListenerProperties properties(@Nullable String name, Consumer<ListenerProperties> settings) {
		ListenerProperties properties = new SwooleServerProperties();
		properties.setPackageLengthFunc(name);
		settings.accept(properties);
		return properties;
	}

}
