package io.swoole.spring.autoconfigure;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;

import io.netty.buffer.ByteBuf;
import io.swoole.server.Connection;
import io.swoole.server.DispatchEvent;
import io.swoole.server.DispatchMode;
import io.swoole.server.DispatchStrategy;
import io.swoole.server.InvalidOptionException;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.OnClose;
import io.swoole.spring.annotation.OnReceive;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Properties and beans that say where and how callbacks run (WORK-16).
 */
@ExtendWith(OutputCaptureExtension.class)
class DispatchPropertiesTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SwooleServerAutoConfiguration.class))
		.withPropertyValues("swoole.server.port=0", "swoole.server.worker-num=2")
		.withBean(Echo.class);

	@ParameterizedTest
	@CsvSource({ "1, ROUND_ROBIN", "round-robin, ROUND_ROBIN", "2, FIXED", "3, IDLE_FIRST", "4, IP_HASH",
			"ip_hash, IP_HASH", "5, UID", "7, STREAM", "8, PINNED", "9, LEAST_BUSY", "LEAST_BUSY, LEAST_BUSY",
			"10, LEAST_CONCURRENT" })
	void whenDispatchModeIsNumberOrNameThenBinds(String value, DispatchMode mode) {
		this.contextRunner.withPropertyValues("swoole.server.dispatch_mode=" + value)
			.run((context) -> assertThat(context.getBean(ServerOptions.class).dispatchMode()).isEqualTo(mode));
	}

	@Test
	void whenDispatchModeIsUnknownThenStartFailsAndSaysWhatThereIs() {
		this.contextRunner.withPropertyValues("swoole.server.dispatch-mode=6")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("no dispatch mode '6'")
				.hasMessageContaining("8 or pinned")
				.hasMessageContaining("DispatchStrategy"));
	}

	@Test
	void whenPropertiesAreSetThenReachTheOptions() {
		this.contextRunner
			.withPropertyValues("swoole.server.enable_unsafe_event=true", "swoole.server.discard_timeout_request=true",
					"swoole.server.max_coroutine=7", "swoole.server.slow-handler-threshold=1500ms",
					"swoole.server.slow-task-threshold=60")
			.run((context) -> {
				ServerOptions options = context.getBean(ServerOptions.class);
				assertThat(options.enableUnsafeEvent()).isTrue();
				assertThat(options.discardTimeoutRequest()).isTrue();
				assertThat(options.maxCoroutine()).isEqualTo(7);
				assertThat(options.slowHandlerThreshold()).isEqualTo(Duration.ofMillis(1500));
				assertThat(options.slowTaskThreshold()).isEqualTo(Duration.ofMinutes(1));
			});
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenVirtualThreadsAreEnabledThenCallbacksRunOnThem() {
		this.contextRunner.withPropertyValues("spring.threads.virtual.enabled=true").run((context) -> {
			assertThat(context.getBean(ServerOptions.class).enableCoroutine()).isTrue();
			sayHello(context.getBean(SwooleServer.class));
			assertThat(context.getBean(Echo.class).thread.get().getClass().getSimpleName()).isEqualTo("VirtualThread");
		});
		this.contextRunner
			.withPropertyValues("spring.threads.virtual.enabled=true", "swoole.server.enable_coroutine=false")
			.run((context) -> assertThat(context.getBean(ServerOptions.class).enableCoroutine()).isFalse());
		this.contextRunner.withPropertyValues("swoole.server.enable-coroutine=true")
			.run((context) -> assertThat(context.getBean(ServerOptions.class).enableCoroutine()).isTrue());
		this.contextRunner
			.run((context) -> assertThat(context.getBean(ServerOptions.class).enableCoroutine()).isFalse());
	}

	@Test
	@EnabledForJreRange(max = JRE.JAVA_20)
	void whenJvmHasNoVirtualThreadsThenOnlyAskingForThemExplicitlyFails() {
		this.contextRunner.withPropertyValues("spring.threads.virtual.enabled=true")
			.run((context) -> assertThat(context.getBean(ServerOptions.class).enableCoroutine()).isFalse());
		this.contextRunner.withPropertyValues("swoole.server.enable-coroutine=true")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidOptionException.class)
				.hasMessageContaining("enable-coroutine")
				.hasMessageContaining("Java 21"));
	}

	/** DISP-12. */
	@Test
	void whenThereIsDispatchStrategyThenIsUsed() {
		this.contextRunner.withBean(ToWorkerOne.class).run((context) -> {
			sayHello(context.getBean(SwooleServer.class));
			assertThat(context.getBean(Echo.class).worker).isEqualTo(1);
			assertThat(context.getBean(ToWorkerOne.class).asked).contains(DispatchEvent.DATA);
		});
	}

	/** DISP-10: one warning per handler that is never called, none for others. */
	@Test
	void whenModeHasNoCloseEventsThenStartWarnsOfTheirHandler(CapturedOutput output) {
		this.contextRunner.withPropertyValues("swoole.server.dispatch-mode=1").run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).containsOnlyOnce("onClose is never called in dispatch-mode 1")
				.doesNotContain("onConnect is never called");
		});
	}

	private static void sayHello(SwooleServer server) throws IOException {
		byte[] hello = "hello".getBytes(StandardCharsets.UTF_8);
		try (Socket client = new Socket(InetAddress.getLoopbackAddress(), server.getAddress().getPort())) {
			client.setSoTimeout(20_000);
			client.getOutputStream().write(hello);
			assertThat(client.getInputStream().readNBytes(hello.length)).isEqualTo(hello);
		}
	}

	static class Echo {

		private final AtomicReference<Thread> thread = new AtomicReference<>();

		private volatile int worker = -1;

		@OnReceive
		String receive(SwooleServer server, String data) {
			this.thread.set(Thread.currentThread());
			this.worker = server.getWorkerId();
			return data;
		}

		@OnClose
		void close() {
		}

	}

	static class ToWorkerOne implements DispatchStrategy {

		private final Queue<DispatchEvent> asked = new ConcurrentLinkedQueue<>();

		@Override
		public int dispatch(SwooleServer server, @Nullable Connection connection, DispatchEvent event, ByteBuf data) {
			this.asked.add(event);
			return (event == DispatchEvent.DATA) ? 1 : DEFAULT;
		}

	}

}
