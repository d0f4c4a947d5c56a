package io.swoole.spring;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.OnFinish;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnTask;
import io.swoole.spring.annotation.OnWorkerStart;
import io.swoole.spring.annotation.OnWorkerStop;
import io.swoole.spring.autoconfigure.SwooleServerAutoConfiguration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.DefaultResourceLoader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests of applications that are started again and again in one JVM, as with
 * spring-boot-devtools: each time with a class loader of their own, on the same port;
 * LIFE-10, LIFE-14.
 */
class RestartTests {

	@ParameterizedTest
	@CsvSource({ "base, true", "process, false" })
	void whenApplicationIsStartedAnewThenHandlersAndPortAreKept(String mode, boolean lazy) throws Exception {
		int port = freePort();
		Thread thread = Thread.currentThread();
		ClassLoader before = thread.getContextClassLoader();
		try {
			for (int round = 0; round < 2; round++) {
				try (RestartClassLoader loader = new RestartClassLoader()) {
					thread.setContextClassLoader(loader);
					runOnce(loader, mode, lazy, port);
				}
			}
		}
		finally {
			thread.setContextClassLoader(before);
		}
	}

	@SuppressWarnings("unchecked")
	private static void runOnce(ClassLoader loader, String mode, boolean lazy, int port) throws Exception {
		List<String> events;
		try (Socket client = new Socket()) {
			try (ConfigurableApplicationContext context = run(loader, mode, lazy, port)) {
				assertThat(context.getBean("handlers").getClass().getClassLoader()).isSameAs(loader);
				SwooleServer server = context.getBean(SwooleServer.class);
				client.connect(server.getAddress());
				client.setSoTimeout(30_000);
				assertThat(server.getAddress().getPort()).isEqualTo(port);
				client.getOutputStream().write("work".getBytes(StandardCharsets.UTF_8));
				assertThat(new String(client.getInputStream().readNBytes(8), StandardCharsets.UTF_8))
					.isEqualTo("work OK!");
				events = context.getBean("events", List.class);
				assertThat(events).containsExactlyInAnyOrder("start 0", "start 1");
			}
			assertThat(client.getInputStream().read()).isEqualTo(-1);
		}
		assertThat(events.subList(2, 4)).containsExactly("stop 0", "stop 1");
		await().atMost(Duration.ofSeconds(30))
			.pollInterval(Duration.ofMillis(5))
			.untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
				.noneMatch((name) -> name.startsWith("swoole-")));
	}

	private static ConfigurableApplicationContext run(ClassLoader loader, String mode, boolean lazy, int port)
			throws ClassNotFoundException {
		SpringApplication application = new SpringApplication(new DefaultResourceLoader(loader),
				loader.loadClass(Application.class.getName()));
		application.setWebApplicationType(WebApplicationType.NONE);
		application.setBannerMode(Banner.Mode.OFF);
		application.setRegisterShutdownHook(false);
		application.setLazyInitialization(lazy);
		return application.run("--swoole.server.port=" + port, "--swoole.server.mode=" + mode,
				"--swoole.server.worker-num=1", "--swoole.server.task-worker-num=1");
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	/**
	 * Loads the classes of the application itself, everything else as before.
	 */
	private static final class RestartClassLoader extends URLClassLoader {

		RestartClassLoader() {
			super(new URL[] { RestartTests.class.getProtectionDomain().getCodeSource().getLocation() },
					RestartTests.class.getClassLoader());
		}

		@Override
		protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
			if (!name.startsWith(RestartTests.class.getName())) {
				return super.loadClass(name, resolve);
			}
			synchronized (getClassLoadingLock(name)) {
				Class<?> loaded = findLoadedClass(name);
				return (loaded != null) ? loaded : findClass(name);
			}
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(SwooleServerAutoConfiguration.class)
	static class Application {

		@Bean
		CopyOnWriteArrayList<String> events() {
			return new CopyOnWriteArrayList<>();
		}

		@Bean
		Handlers handlers(CopyOnWriteArrayList<String> events) {
			return new Handlers(events);
		}

	}

	record Job(long fd, String text) {

	}

	static class Handlers {

		private final List<String> events;

		Handlers(List<String> events) {
			this.events = events;
		}

		@OnWorkerStart
		void start(int workerId) {
			this.events.add("start " + workerId);
		}

		@OnWorkerStop
		void stop(int workerId) {
			this.events.add("stop " + workerId);
		}

		@OnReceive
		void receive(SwooleServer server, long fd, String text) {
			server.task(new Job(fd, text));
		}

		@OnTask
		Job task(Job job) {
			return new Job(job.fd(), job.text() + " OK!");
		}

		@OnFinish
		void finish(SwooleServer server, Job job) {
			server.send(job.fd(), job.text());
		}

	}

}
