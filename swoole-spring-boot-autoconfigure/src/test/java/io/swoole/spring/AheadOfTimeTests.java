package io.swoole.spring;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.UnaryOperator;

import io.swoole.server.ClientInfo;
import io.swoole.server.Connection;
import io.swoole.server.Packet;
import io.swoole.server.ReceiveHandler;
import io.swoole.server.SwooleServer;
import io.swoole.server.TaskHandler;
import io.swoole.spring.annotation.OnFinish;
import io.swoole.spring.annotation.OnPacket;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnTask;
import io.swoole.spring.annotation.WorkerScope;
import io.swoole.spring.autoconfigure.AdditionalListenerProperties;
import io.swoole.spring.autoconfigure.SwooleServerAutoConfiguration;
import io.swoole.spring.autoconfigure.SwooleServerProperties;
import io.swoole.task.Task;
import io.swoole.task.TaskResult;
import io.swoole.testing.TestClient;
import org.junit.jupiter.api.Test;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.ReflectionHintsPredicates;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.core.test.tools.TestCompiler;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for applications that are processed ahead of time.
 */
class AheadOfTimeTests {

	private static final TestPropertyValues SETTINGS = TestPropertyValues.of("swoole.server.port=0",
			"swoole.server.worker-num=1", "swoole.server.task-worker-num=1", "swoole.server.open-eof-split=true",
			"swoole.server.package-eof=\\n", "swoole.server.package-strip=true", "swoole.server.listeners[0].name=udp",
			"swoole.server.listeners[0].type=udp", "swoole.server.listeners[0].port=0",
			"swoole.server.listeners[1].name=parcels", "swoole.server.listeners[1].port=0",
			"swoole.server.listeners[1].open-eof-split=true", "swoole.server.listeners[1].package-eof=\\n",
			"swoole.server.listeners[1].package-strip=true");

	private final ReflectionHintsPredicates reflection = RuntimeHintsPredicates.reflection();

	@Test
	@CompileWithForkedClassLoader
	void whenContextIsMadeOfGeneratedCodeThenServerServes() {
		TestCompiler.forSystem().with(process(Application.class)).compile((compiled) -> {
			try (GenericApplicationContext context = new GenericApplicationContext()) {
				SETTINGS.applyTo(context);
				@SuppressWarnings("unchecked")
				ApplicationContextInitializer<GenericApplicationContext> initializer = compiled
					.getInstance(ApplicationContextInitializer.class);
				initializer.initialize(context);
				context.refresh();
				SwooleServer server = context.getBean(SwooleServer.class);
				try (TestClient client = TestClient.connect(server.getListeners().get(0).port())) {
					client.send("{\"item\":\"cheese\",\"amount\":2}\n");
					assertThat(client.readUntil("\n")).isEqualTo("1: 2 cheese\n");
					client.send("{\"item\":\"bread\",\"amount\":3}\n");
					assertThat(client.readUntil("\n")).isEqualTo("2: 3 bread\n");
				}
				try (TestClient client = TestClient.connect(server.getListeners().get(2).port())) {
					client.send("{\"weight\":3}\n");
					assertThat(client.readUntil("\n")).isEqualTo("{\"weight\":4}\n");
				}
			}
		});
	}

	@Test
	void whenMethodsHandleEventsThenTheyCanBeInvoked() {
		RuntimeHints hints = process(Application.class).getRuntimeHints();
		assertThat(this.reflection.onMethodInvocation(Shop.class, "receive")).accepts(hints);
		assertThat(this.reflection.onMethodInvocation(Shop.class, "finish")).accepts(hints);
		assertThat(this.reflection.onMethodInvocation(Desk.class, "datagram")).accepts(hints);
		assertThat(this.reflection.onMethodInvocation(DeskOfOrders.class, "datagram")).accepts(hints);
		assertThat(this.reflection.onMethodInvocation(TaskHandler.class, "onTask")).accepts(hints);
		assertThat(this.reflection.onMethodInvocation(ReceiveHandler.class, "onReceive")).accepts(hints);
	}

	/** It is what a proxy of interfaces is called by. */
	@Test
	void whenMethodImplementsThatOfGenericInterfaceThenThatCanBeInvoked() {
		RuntimeHints hints = process(Application.class).getRuntimeHints();
		assertThat(this.reflection.onMethodInvocation(Reaction.class, "on")).accepts(hints);
	}

	@Test
	void whenPayloadsArePacketsThenTheirTypesCanBeBound() {
		RuntimeHints hints = process(Application.class).getRuntimeHints();
		for (Class<?> type : List.of(Order.class, Receipt.class, Parcel.class)) {
			assertThat(this.reflection.onConstructorInvocation(type.getDeclaredConstructors()[0])).accepts(hints);
			assertThat(this.reflection.onMethodInvocation(type.getRecordComponents()[0].getAccessor())).accepts(hints);
		}
		assertThat(this.reflection.onType(Job.class)).rejects(hints);
	}

	/** They are looked up by name, to make method handles of. */
	@Test
	void whenParametersAreTakenFromArgumentsThenGettersCanBeInvoked() {
		RuntimeHints hints = process(Application.class).getRuntimeHints();
		assertThat(this.reflection.onMethodInvocation(Connection.class, "fd")).accepts(hints);
		assertThat(this.reflection.onMethodInvocation(Connection.class, "clientInfo")).accepts(hints);
		assertThat(this.reflection.onMethodInvocation(ClientInfo.class, "reactorId")).accepts(hints);
		assertThat(this.reflection.onMethodInvocation(SwooleServer.class, "getWorkerId")).accepts(hints);
		assertThat(this.reflection.onMethodInvocation(Task.class, "data")).accepts(hints);
		assertThat(this.reflection.onMethodInvocation(TaskResult.class, "data")).accepts(hints);
		assertThat(this.reflection.onMethodInvocation(Packet.class, "data")).accepts(hints);
		assertThat(this.reflection.onMethodInvocation(Function.class, "apply")).accepts(hints);
	}

	@Test
	void whenPropertiesAreBoundThenTheirSettersCanBeInvoked() {
		RuntimeHints hints = process(Application.class).getRuntimeHints();
		assertThat(this.reflection.onMethodInvocation(SwooleServerProperties.class, "setWorkerNum")).accepts(hints);
		assertThat(this.reflection.onMethodInvocation(AdditionalListenerProperties.class, "setName")).accepts(hints);
	}

	@Test
	void whenServerIsOffThenHasNoHints() {
		RuntimeHints hints = process(Shop.class).getRuntimeHints();
		assertThat(this.reflection.onMethodInvocation(Connection.class, "fd")).rejects(hints);
	}

	private static TestGenerationContext process(Class<?> application) {
		TestGenerationContext generation = new TestGenerationContext();
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			SETTINGS.applyTo(context);
			context.register(application);
			new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
		}
		generation.writeGeneratedContent();
		return generation;
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ SwooleServerAutoConfiguration.class, JacksonAutoConfiguration.class })
	@Import({ Shop.class, DeskOfOrders.class, ReactionToReceipt.class })
	static class Application {

		@Bean
		@WorkerScope
		Numbers numbers() {
			return new Numbers();
		}

		@Bean
		@OnTask
		TaskHandler<Job, Sale> seller() {
			return (server, task, job) -> new Sale(job.fd(),
					job.number() + ": " + job.order().amount() + " " + job.order().item());
		}

		@Bean
		Store<Parcel> parcels() {
			return new Store<>((parcel) -> new Parcel(parcel.weight() + 1));
		}

	}

	static class Numbers {

		private int last;

		int next() {
			return ++this.last;
		}

	}

	static class Shop {

		private final Numbers numbers;

		Shop(Numbers numbers) {
			this.numbers = numbers;
		}

		@OnReceive
		void receive(SwooleServer server, Connection connection, long fd, Order order) {
			server.task(new Job(fd, this.numbers.next(), order));
		}

		@OnFinish
		void finish(SwooleServer server, Sale sale) {
			server.send(sale.fd(), sale.text() + "\n");
		}

	}

	interface Desk<T> {

		CompletionStage<Receipt> datagram(List<T> orders);

	}

	static class DeskOfOrders implements Desk<Order> {

		@Override
		@OnPacket
		public CompletionStage<Receipt> datagram(List<Order> orders) {
			throw new UnsupportedOperationException();
		}

	}

	/** Only its bean method says what it stores. */
	static class Store<T> {

		private final UnaryOperator<T> change;

		Store(UnaryOperator<T> change) {
			this.change = change;
		}

		@OnReceive(port = "parcels")
		T receive(T item) {
			return this.change.apply(item);
		}

	}

	interface Reaction<T> {

		void on(T result);

	}

	static class ReactionToReceipt implements Reaction<Receipt> {

		@Override
		@OnFinish
		public void on(Receipt receipt) {
		}

	}

	record Parcel(int weight) {
	}

	record Order(String item, int amount) {
	}

	record Receipt(long id) {
	}

	record Job(long fd, int number, Order order) {
	}

	record Sale(long fd, String text) {
	}

}
