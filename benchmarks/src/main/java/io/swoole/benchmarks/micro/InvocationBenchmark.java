package io.swoole.benchmarks.micro;

import java.lang.reflect.Proxy;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.swoole.server.Connection;
import io.swoole.server.ServerHandler;
import io.swoole.server.SwooleServer;
import io.swoole.server.SwooleServers;
import io.swoole.server.ServerOptions;
import io.swoole.spring.annotation.OnReceive;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * What the call of an annotated method costs, compared with a direct one.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class InvocationBenchmark {

	private final ByteBuf packet = Unpooled.directBuffer().writeZero(64);

	private final Connection connection = (Connection) Proxy.newProxyInstance(getClass().getClassLoader(),
			new Class<?>[] { Connection.class },
			(proxy, method, arguments) -> method.getName().equals("fd") ? 1L : null);

	private final Handler direct = new Handler();

	private @Nullable ConfigurableApplicationContext context;

	private @Nullable ServerHandler annotated;

	private SwooleServer server = SwooleServers.create(ServerOptions.builder().build(), this.direct);

	/**
	 * Starts an application with an annotated handler.
	 */
	@Setup(Level.Trial)
	public void start() {
		this.context = new SpringApplication(Application.class, AnnotatedHandler.class).run("--swoole.server.port=0");
		this.annotated = this.context.getBean(ServerHandler.class);
		this.server = this.context.getBean(SwooleServer.class);
	}

	/**
	 * Stops the application.
	 */
	@TearDown(Level.Trial)
	public void stop() {
		if (this.context != null) {
			this.context.close();
		}
	}

	/**
	 * Calls the handler directly.
	 * @return how many bytes it has seen
	 */
	@Benchmark
	public long direct() {
		this.direct.onReceive(this.server, this.connection, this.packet);
		return this.direct.seen;
	}

	/**
	 * Calls the annotated handler through its plan.
	 * @return how many bytes it has seen
	 * @throws Exception never
	 */
	@Benchmark
	public long annotated() throws Exception {
		ServerHandler handler = this.annotated;
		if (handler != null) {
			handler.onReceive(this.server, this.connection, this.packet);
		}
		return this.direct.seen;
	}

	private static final class Handler implements ServerHandler {

		private long seen;

		@Override
		public void onReceive(SwooleServer server, Connection connection, ByteBuf packet) {
			this.seen += packet.readableBytes();
		}

	}

	/**
	 * The annotated handler.
	 */
	static class AnnotatedHandler {

		private long seen;

		@OnReceive
		void receive(SwooleServer server, Connection connection, ByteBuf packet) {
			this.seen += packet.readableBytes();
		}

	}

	/**
	 * The application.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
