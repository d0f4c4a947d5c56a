package io.swoole.spring.handler;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.swoole.server.CloseHandler;
import io.swoole.server.ConnectHandler;
import io.swoole.server.Connection;
import io.swoole.server.FinishHandler;
import io.swoole.server.ReceiveHandler;
import io.swoole.server.SwooleServer;
import io.swoole.server.TaskHandler;
import io.swoole.spring.annotation.OnClose;
import io.swoole.spring.annotation.OnConnect;
import io.swoole.spring.annotation.OnFinish;
import io.swoole.spring.annotation.OnProgress;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnStart;
import io.swoole.spring.annotation.OnTask;
import io.swoole.spring.annotation.OnTaskFailed;
import io.swoole.spring.handler.other.PackagePrivateTasks;
import io.swoole.spring.payload.PayloadConverter;
import io.swoole.task.Task;
import io.swoole.task.TaskResult;
import org.aopalliance.intercept.MethodInterceptor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

import org.springframework.aop.framework.autoproxy.BeanNameAutoProxyCreator;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.context.support.SimpleThreadScope;
import org.springframework.core.ResolvableType;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.Mockito.mock;

/**
 * Tests for where handlers are found and how their beans are called.
 */
class HandlerDiscoveryTests {

	private static final List<Object> calls = new ArrayList<>();

	private final SwooleServer server = mock(SwooleServer.class);

	private final Connection connection = mock(Connection.class);

	@BeforeEach
	void forget() {
		calls.clear();
	}

	@Test
	void whenAnnotationIsMetaAnnotationThenFindsMethod() throws Exception {
		receive(Handlers.of(MetaAnnotated.class));
		assertThat(calls).containsExactly("meta");
	}

	@Test
	void whenAnnotationsOfTaskEventsAreMetaAnnotationsThenFindsMethods() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(MetaAnnotatedTaskEvents.class);
		handler.onTaskFailed(this.server, new TestTask("a"), new IllegalStateException("failed"));
		handler.onProgress(this.server, 42, "half");
		assertThat(calls).containsExactly("failed", "half");
	}

	@Test
	void whenMethodIsInheritedThenFindsIt() throws Exception {
		receive(Handlers.of(Inheriting.class));
		assertThat(calls).containsExactly("inherited");
	}

	@Test
	void whenAnnotatedMethodIsOverriddenThenCallsOverridingOnce() throws Exception {
		receive(Handlers.of(Overriding.class));
		assertThat(calls).containsExactly("overridden data");
	}

	@Test
	void whenMethodOfInterfaceIsAnnotatedThenCallsImplementation() throws Exception {
		receive(Handlers.of(Implementing.class));
		assertThat(calls).containsExactly("implemented data");
	}

	@Test
	void whenParameterIsTypeVariableThenResolvesIt() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(StringTasks.class, IntegerTasks.class);
		assertThat(Handlers.execute(handler, this.server, new TestTask("a"))).isEqualTo("String a");
		assertThat(Handlers.execute(handler, this.server, new TestTask(1))).isEqualTo("Integer 1");
		assertThat(Handlers.takesTask(handler, 1L)).isFalse();
	}

	@Test
	void whenBeanMethodSaysWhatTypeVariableStandsForThenResolvesIt() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(Stores.class);
		assertThat(Handlers.execute(handler, this.server, new TestTask("a"))).isEqualTo("text a");
		assertThat(Handlers.execute(handler, this.server, new TestTask(1))).isEqualTo("number 1");
		assertThat(Handlers.takesTask(handler, 1L)).isFalse();
	}

	@Test
	void whenBeanMethodSaysWhatTypeVariableStandsForThenFormatsAreAskedForIt() {
		Handlers.of(Batches.class);
		assertThat(calls).containsExactly("write java.time.Instant", "read java.util.List<java.time.Instant>");
	}

	@Test
	void whenBeanIsProxiedByClassThenCallsProxy() throws Exception {
		receive(proxied(true, PackagePrivateHandler.class));
		assertThat(calls).containsExactly("intercepted receive", "field data");
	}

	@Test
	void whenBeanIsProxiedByInterfaceThenCallsProxy() throws Exception {
		receive(proxied(false, Implementing.class));
		assertThat(calls).containsExactly("intercepted receive", "implemented data");
	}

	@Test
	void whenBeanIsProxiedByGenericInterfaceThenCallsProxy() throws Exception {
		receive(proxied(false, GenericJob.class));
		assertThat(calls).containsExactly("intercepted run", "run data");
	}

	/** What has the same name is not yet the method of the interface. */
	@Test
	void whenGenericInterfaceHasOtherMethodOfThatNameThenFails() {
		assertThatExceptionOfType(InvalidHandlerException.class).isThrownBy(() -> proxied(false, OverloadingJob.class))
			.satisfies((ex) -> assertThat(ex.getDescription()).contains("cannot be called through the proxy"));
	}

	/** The method of the interface does not tell that the value comes later. */
	@ParameterizedTest
	@ValueSource(classes = { LaterReaction.class, LaterObjectReaction.class })
	void whenInterfaceOfProxiedBeanSaysLessOfReturnTypeThenValueIsAwaited(Class<?> type) {
		AnnotatedServerHandler handler = proxied(false, type);
		assertFinishFailsLater(handler);
		assertThat(calls).containsExactly("intercepted on", "subscribed for a");
	}

	@Test
	void whenReturnTypeIsTypeVariableThenValueIsAwaited() {
		assertFinishFailsLater(Handlers.of(Reactions.class));
		assertThat(calls).containsExactly("subscribed for a");
	}

	@Test
	void whenProxyHasNoSuchMethodThenFails() {
		assertThatExceptionOfType(InvalidHandlerException.class)
			.isThrownBy(() -> proxied(false, MethodBesideInterface.class))
			.satisfies((ex) -> {
				assertThat(ex.getDescription())
					.startsWith("The @OnReceive method " + MethodBesideInterface.class.getName()
							+ ".receive(String) of bean 'handler' cannot be called through the proxy of the bean");
				assertThat(ex.getAction()).startsWith(
						"Declare the method in an interface the bean implements, or " + "proxy its class instead");
			});
	}

	@Test
	void whenMethodOfProxiedBeanIsFinalThenFails() {
		assertThatExceptionOfType(InvalidHandlerException.class).isThrownBy(() -> proxied(true, FinalMethod.class))
			.satisfies((ex) -> {
				assertThat(ex.getDescription()).endsWith("is final, so the proxy of the bean cannot pass the call on.");
				assertThat(ex.getAction()).isEqualTo("Remove 'final' from the method.");
			});
	}

	/** The proxy cannot override it, so that the call would end in the proxy itself. */
	@Test
	void whenMethodOfProxiedBeanIsPackagePrivateInOtherPackageThenFails() {
		assertThatExceptionOfType(InvalidHandlerException.class)
			.isThrownBy(() -> proxied(true, InheritingFromOtherPackage.class))
			.satisfies((ex) -> {
				assertThat(ex.getDescription())
					.contains("is package-private in another package than the class of the bean");
				assertThat(ex.getAction()).isEqualTo("Make the method protected or public.");
			});
	}

	@Test
	void whenMethodIsPackagePrivateInOtherPackageWithoutProxyThenCallsIt() throws Exception {
		assertThat(Handlers.execute(Handlers.of(InheritingFromOtherPackage.class), this.server, new TestTask("a")))
			.isEqualTo("field a");
	}

	@Test
	void whenMethodIsFinalWithoutProxyThenCallsIt() throws Exception {
		receive(Handlers.of(FinalMethod.class));
		assertThat(calls).containsExactly("final data");
	}

	@Test
	void whenBeanIsPrototypeThenCallsNewInstanceEachTime() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(Prototype.class);
		receive(handler);
		receive(handler);
		assertThat(calls).hasSize(2).doesNotHaveDuplicates();
	}

	@Test
	void whenPrototypeIsProxiedByInterfaceThenCallsProxy() throws Exception {
		AnnotatedServerHandler handler = proxied(false, Implementing.class, BeanDefinition.SCOPE_PROTOTYPE);
		receive(handler);
		receive(handler);
		assertThat(calls).containsExactly("intercepted receive", "implemented data", "intercepted receive",
				"implemented data");
	}

	@Test
	void whenMethodOfProxiedPrototypeIsFinalThenFails() {
		assertThatExceptionOfType(InvalidHandlerException.class)
			.isThrownBy(() -> proxied(true, FinalMethod.class, BeanDefinition.SCOPE_PROTOTYPE))
			.satisfies((ex) -> assertThat(ex.getAction()).isEqualTo("Remove 'final' from the method."));
	}

	@Test
	void whenPrototypeHasToBeDestroyedThenItsInstancesOfTheStartAre() {
		Handlers.of(DestroyedPrototype.class);
		assertThat(calls).containsExactly("created", "destroyed");
	}

	@Test
	void whenBeanHasScopedProxyThenFindsItOnce() throws Exception {
		GenericApplicationContext context = Handlers.context(
				(refreshing) -> refreshing.getBeanFactory().registerScope("thread", new SimpleThreadScope()),
				Scoped.class);
		AnnotatedServerHandler handler = context.getBean(AnnotatedServerHandler.class);
		receive(handler);
		receive(handler);
		assertThat(calls).hasSize(2);
		assertThat(calls.get(0)).isSameAs(calls.get(1));
	}

	@Test
	void whenBeanIsLazyThenCallsIt() throws Exception {
		receive(Handlers.of(LazyHandler.class));
		assertThat(calls).containsExactly("lazy");
	}

	@Test
	void whenBeanIsRegisteredSingletonThenFindsIt() throws Exception {
		receive(Handlers
			.context((context) -> context.getBeanFactory().registerSingleton("handler", new PackagePrivateHandler()))
			.getBean(AnnotatedServerHandler.class));
		assertThat(calls).containsExactly("field data");
	}

	@Test
	void whenBeansAreFunctionsThenCallsThem() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(Functions.class);
		receive(handler);
		handler.onConnect(this.server, this.connection, 3);
		handler.onClose(this.server, this.connection, -1);
		handler.onFinish(this.server, new TaskResult(1, 5, Instant.EPOCH, "a"));
		assertThat(calls).containsExactly("receive data", "connect 3", "close -1", "finish a");
	}

	@Test
	void whenFunctionsAreLambdasThenTakesPayloadTypesFromBeanMethods() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(Functions.class);
		assertThat(Handlers.execute(handler, this.server, new TestTask("a"))).isEqualTo("String a");
		assertThat(Handlers.execute(handler, this.server, new TestTask(1))).isEqualTo("Integer 1");
		assertThat(Handlers.takesTask(handler, 1L)).isFalse();
	}

	@Test
	void whenClassIsFunctionThenTakesPayloadTypeFromClass() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(UpperCase.class, FunctionOfClass.class);
		assertThat(Handlers.execute(handler, this.server, new TestTask("a"))).isEqualTo("A");
		assertThat(Handlers.execute(handler, this.server, new TestTask(1))).isEqualTo(2);
		assertThat(Handlers.takesTask(handler, 1L)).isFalse();
	}

	@Test
	void whenFunctionIsRawThenTakesEverything() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(RawFunction.class);
		assertThat(Handlers.execute(handler, this.server, new TestTask(1L))).isEqualTo(1L);
	}

	@Test
	void whenFunctionIsProxiedThenCallsProxy() throws Exception {
		AnnotatedServerHandler handler = proxied(false, UpperCase.class);
		assertThat(Handlers.takesTask(handler, 1)).isFalse();
		assertThat(Handlers.execute(handler, this.server, new TestTask("a"))).isEqualTo("A");
		assertThat(calls).containsExactly("intercepted onTask");
	}

	@Test
	void whenMethodHasSeveralAnnotationsThenHandlesAll() throws Exception {
		AnnotatedServerHandler handler = Handlers.of(Several.class);
		handler.onConnect(this.server, this.connection, 3);
		handler.onClose(this.server, this.connection, -1);
		assertThat(calls).containsExactly(3, -1);
	}

	@Test
	void whenConfigurationClassHasHandlerThenCallsIt() throws Exception {
		Handlers.of(HandlerInConfiguration.class).onStart(this.server);
		assertThat(calls).containsExactly("started");
	}

	private void receive(AnnotatedServerHandler handler) throws Exception {
		ByteBuf packet = Unpooled.copiedBuffer("data", StandardCharsets.UTF_8);
		handler.onReceive(this.server, this.connection, packet);
	}

	private void assertFinishFailsLater(AnnotatedServerHandler handler) {
		assertThatIllegalStateException()
			.isThrownBy(() -> handler.onFinish(this.server, new TaskResult(1, 5, Instant.EPOCH, "a")))
			.withMessage("failed later");
	}

	private static Mono<Void> failLater(String data) {
		return Mono.fromRunnable(() -> {
			calls.add("subscribed for " + data);
			throw new IllegalStateException("failed later");
		});
	}

	private static AnnotatedServerHandler proxied(boolean proxyTargetClass, Class<?> type) {
		return proxied(proxyTargetClass, type, BeanDefinition.SCOPE_SINGLETON);
	}

	private static AnnotatedServerHandler proxied(boolean proxyTargetClass, Class<?> type, String scope) {
		return Handlers.context((context) -> {
			MethodInterceptor interceptor = (invocation) -> {
				calls.add("intercepted " + invocation.getMethod().getName());
				return invocation.proceed();
			};
			context.registerBean("interceptor", MethodInterceptor.class, () -> interceptor);
			context.registerBean(BeanNameAutoProxyCreator.class, () -> {
				BeanNameAutoProxyCreator creator = new BeanNameAutoProxyCreator();
				creator.setBeanNames("handler");
				creator.setInterceptorNames("interceptor");
				creator.setProxyTargetClass(proxyTargetClass);
				return creator;
			});
			RootBeanDefinition definition = new RootBeanDefinition(type);
			definition.setScope(scope);
			context.registerBeanDefinition("handler", definition);
		}).getBean(AnnotatedServerHandler.class);
	}

	@OnReceive
	@Retention(RetentionPolicy.RUNTIME)
	@interface Incoming {

	}

	static class MetaAnnotated {

		@Incoming
		void receive() {
			calls.add("meta");
		}

	}

	@OnTaskFailed
	@Retention(RetentionPolicy.RUNTIME)
	@interface Failed {

	}

	@OnProgress
	@Retention(RetentionPolicy.RUNTIME)
	@interface Progress {

	}

	static class MetaAnnotatedTaskEvents {

		@Failed
		void failed(IllegalStateException ex) {
			calls.add(ex.getMessage());
		}

		@Progress
		void progress(String state) {
			calls.add(state);
		}

	}

	static class Base {

		@OnReceive
		protected void receive(String data) {
			calls.add("inherited");
		}

	}

	static class Inheriting extends Base {

	}

	static class Overriding extends Base {

		@Override
		protected void receive(String data) {
			calls.add("overridden " + data);
		}

	}

	interface Receiver {

		@OnReceive
		void receive(String data);

	}

	static class Implementing implements Receiver {

		@Override
		public void receive(String data) {
			calls.add("implemented " + data);
		}

	}

	abstract static class Tasks<T> {

		@OnTask
		String task(T data) {
			return data.getClass().getSimpleName() + " " + data;
		}

	}

	static class StringTasks extends Tasks<String> {

	}

	static class IntegerTasks extends Tasks<Integer> {

	}

	static class Store<T> {

		private final String name;

		Store(String name) {
			this.name = name;
		}

		@OnTask
		String store(T item) {
			return this.name + " " + item;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Stores {

		@Bean
		Store<String> texts() {
			return new Store<>("text");
		}

		@Bean
		Store<Integer> numbers() {
			return new Store<>("number");
		}

	}

	static class Batch<T> {

		@OnReceive
		T receive(List<T> items) {
			return items.get(0);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Batches {

		@Bean
		Batch<Instant> batch() {
			return new Batch<>();
		}

		@Bean
		PayloadConverter converter() {
			return new PayloadConverter() {

				@Override
				public Reader reader(ResolvableType type) {
					calls.add("read " + type.getType().getTypeName());
					return (packet) -> "";
				}

				@Override
				public Writer writer(ResolvableType type) {
					calls.add("write " + type.getType().getTypeName());
					return (value, packet) -> {
					};
				}

			};
		}

	}

	static class PackagePrivateHandler {

		private final String field = "field";

		@OnReceive
		void receive(String data) {
			calls.add(this.field + " " + data);
		}

	}

	static class MethodBesideInterface implements Runnable {

		@OnReceive
		public void receive(String data) {
		}

		@Override
		public void run() {
		}

	}

	static class FinalMethod {

		@OnReceive
		final void receive(String data) {
			calls.add("final " + data);
		}

	}

	static class InheritingFromOtherPackage extends PackagePrivateTasks {

	}

	interface Job<T> {

		void run(T data);

	}

	static class GenericJob implements Job<String> {

		@OnReceive
		@Override
		public void run(String data) {
			calls.add("run " + data);
		}

	}

	interface DefaultJob<T> {

		default void run(T data) {
		}

	}

	static class OverloadingJob implements DefaultJob<Integer> {

		@OnReceive
		public void run(String data) {
		}

	}

	interface Reaction<T, R> {

		R on(T result);

	}

	static class LaterReaction implements Reaction<String, Mono<Void>> {

		@OnFinish
		@Override
		public Mono<Void> on(String result) {
			return failLater(result);
		}

	}

	interface ObjectReaction {

		Object on(String result);

	}

	static class LaterObjectReaction implements ObjectReaction {

		@OnFinish
		@Override
		public Mono<Void> on(String result) {
			return failLater(result);
		}

	}

	static class FunctionReaction<R> {

		private final Function<String, R> function;

		FunctionReaction(Function<String, R> function) {
			this.function = function;
		}

		@OnFinish
		R on(String result) {
			return this.function.apply(result);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Reactions {

		@Bean
		FunctionReaction<Mono<Void>> reaction() {
			return new FunctionReaction<>(HandlerDiscoveryTests::failLater);
		}

	}

	@Scope(BeanDefinition.SCOPE_PROTOTYPE)
	static class Prototype {

		@OnReceive
		void receive(String data) {
			calls.add(this);
		}

	}

	@Scope(BeanDefinition.SCOPE_PROTOTYPE)
	static class DestroyedPrototype implements DisposableBean {

		DestroyedPrototype() {
			calls.add("created");
		}

		@OnReceive
		void receive(String data) {
		}

		@Override
		public void destroy() {
			calls.add("destroyed");
		}

	}

	@Scope(scopeName = "thread", proxyMode = ScopedProxyMode.TARGET_CLASS)
	static class Scoped {

		@OnReceive
		void receive(String data) {
			calls.add(this);
		}

	}

	@Lazy
	static class LazyHandler {

		@OnReceive
		void receive() {
			calls.add("lazy");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Functions {

		@Bean
		@OnReceive
		ReceiveHandler receive() {
			return (server, connection, packet) -> calls.add("receive " + packet.toString(StandardCharsets.UTF_8));
		}

		@Bean
		@OnConnect
		ConnectHandler connect() {
			return (server, connection, reactorId) -> calls.add("connect " + reactorId);
		}

		@Bean
		@OnClose
		static CloseHandler close() {
			return (server, connection, reactorId) -> calls.add("close " + reactorId);
		}

		@Bean
		@OnTask
		TaskHandler<String, String> stringTask() {
			return (server, task, data) -> "String " + data;
		}

		@Bean
		@OnTask
		TaskHandler<Integer, String> integerTask() {
			return (server, task, data) -> "Integer " + data;
		}

		@Bean
		@OnFinish
		FinishHandler<String> finish() {
			return (server, result, data) -> calls.add("finish " + data);
		}

	}

	@OnTask
	static class UpperCase implements TaskHandler<String, String> {

		@Override
		public String onTask(SwooleServer server, Task task, String data) {
			return data.toUpperCase();
		}

	}

	static class Increment implements TaskHandler<Integer, Integer> {

		@Override
		public Integer onTask(SwooleServer server, Task task, Integer data) {
			return data + 1;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FunctionOfClass {

		@Bean
		@OnTask
		TaskHandler<?, ?> increment() {
			return new Increment();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class RawFunction {

		@Bean
		@OnTask
		@SuppressWarnings("rawtypes")
		TaskHandler echo() {
			return (server, task, data) -> data;
		}

	}

	static class Several {

		@OnConnect
		@OnClose
		void changed(int reactorId) {
			calls.add(reactorId);
		}

	}

	@Configuration
	static class HandlerInConfiguration {

		@OnStart
		void start() {
			calls.add("started");
		}

		@Bean
		String other() {
			return "";
		}

	}

}
