package io.swoole.spring.autoconfigure;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Executor;

import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.swoole.server.ConnectHandler;
import io.swoole.server.InvalidOptionException;
import io.swoole.server.ServerHandler;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.OnConnect;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnTask;
import io.swoole.spring.context.SwooleServerDrainLifecycle;
import io.swoole.spring.context.SwooleServerInitializedEvent;
import io.swoole.spring.context.SwooleServerStartStopLifecycle;
import io.swoole.spring.handler.AnnotatedServerHandler;
import io.swoole.spring.handler.HandlerMethodProcessor;
import io.swoole.spring.handler.InvalidHandlerException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.ApplicationContextAssert.Scope;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.atLeastOnce;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;

/**
 * Tests for {@link SwooleServerAutoConfiguration}.
 */
@ExtendWith(OutputCaptureExtension.class)
class SwooleServerAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SwooleServerAutoConfiguration.class))
		.withPropertyValues("swoole.server.port=0", "swoole.server.worker-num=1");

	@Test
	void whenThereIsHandlerThenServerRuns() {
		this.contextRunner.withBean(Echo.class).run((context) -> {
			assertThat(context).hasSingleBean(SwooleServer.class)
				.hasSingleBean(AnnotatedServerHandler.class)
				.hasSingleBean(SwooleServerStartStopLifecycle.class)
				.hasSingleBean(SwooleServerDrainLifecycle.class);
			assertThat(context.getBean(SwooleServer.class).isRunning()).isTrue();
		});
	}

	@Test
	void whenContextIsClosedThenServerHasStopped() {
		this.contextRunner.withBean(Echo.class).run((context) -> {
			SwooleServer server = context.getBean(SwooleServer.class);
			context.close();
			assertThat(server.isRunning()).isFalse();
			assertThat(server.awaitTermination(Duration.ZERO)).isTrue();
		});
	}

	@Test
	void whenContextIsStoppedAndStartedThenServerRunsAgain() {
		this.contextRunner.withBean(Echo.class).run((context) -> {
			SwooleServer server = context.getBean(SwooleServer.class);
			context.getSourceApplicationContext().stop();
			assertThat(server.isRunning()).isFalse();
			context.getSourceApplicationContext().start();
			assertThat(server.isRunning()).isTrue();
		});
	}

	@Test
	void whenDisabledThenBacksOff() {
		this.contextRunner.withPropertyValues("swoole.server.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(SwooleServer.class)
				.doesNotHaveBean(SwooleServerStartStopLifecycle.class)
				.doesNotHaveBean(SwooleServerProperties.class));
	}

	@Test
	void whenCoreIsMissingThenBacksOff() {
		this.contextRunner.withClassLoader(new FilteredClassLoader(SwooleServer.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(SwooleServerProperties.class));
	}

	@Test
	void whenUserDefinesServerThenBacksOff() {
		SwooleServer server = mock(SwooleServer.class);
		given(server.getAddress()).willReturn(new InetSocketAddress(1));
		this.contextRunner.withBean("mine", SwooleServer.class, () -> server).run((context) -> {
			assertThat(context).hasSingleBean(SwooleServer.class).hasBean("mine").doesNotHaveBean(ServerOptions.class);
			then(server).should().start();
		});
	}

	@Test
	void whenUserDefinesServerHandlerThenReplacesAnnotatedOne() {
		ServerHandler handler = mock(ServerHandler.class);
		this.contextRunner.withBean("mine", ServerHandler.class, () -> handler).run((context) -> {
			assertThat(context).hasSingleBean(ServerHandler.class)
				.doesNotHaveBean(AnnotatedServerHandler.class)
				.doesNotHaveBean(HandlerMethodProcessor.class);
			then(handler).should().onStart(context.getBean(SwooleServer.class));
		});
	}

	@Test
	void whenUserDefinesServerHandlerThenWarnsOfAnnotatedOnes(CapturedOutput output) {
		ServerHandler handler = mock(ServerHandler.class);
		this.contextRunner.withBean("mine", ServerHandler.class, () -> handler)
			.withBean(Echo.class)
			.withBean(PrivateHandler.class)
			.withUserConfiguration(LazyHandlers.class)
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output.getOut().lines().filter((line) -> line.contains("WARN"))).singleElement()
			.asString()
			.contains("Bean 'mine' handles all events, so these handlers are never called: ")
			.contains("@OnReceive Echo.receive", "@OnTask PrivateHandler.task", "@OnConnect bean 'connect'")
			.doesNotContain("LazyHandlers");
	}

	@Test
	void whenUserDefinesServerHandlerAloneThenDoesNotWarn(CapturedOutput output) {
		ServerHandler handler = mock(ServerHandler.class);
		this.contextRunner.withBean(ServerHandler.class, () -> handler)
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output.getOut()).doesNotContain("never called");
	}

	@Test
	void whenParentHasServerThenChildLeavesItAlone(CapturedOutput output) {
		this.contextRunner.withBean(Echo.class).run((parent) -> {
			SwooleServer server = parent.getBean(SwooleServer.class);
			this.contextRunner.withParent(parent).withBean(Tasks.class).run((child) -> {
				assertThat(child).hasNotFailed()
					.doesNotHaveBean(SwooleServerStartStopLifecycle.class, Scope.NO_ANCESTORS)
					.doesNotHaveBean(SwooleServerDrainLifecycle.class, Scope.NO_ANCESTORS);
				assertThat(child.getBean(SwooleServer.class)).isSameAs(server);
			});
			assertThat(server.isRunning()).isTrue();
		});
		assertThat(output.getOut()).contains("The server belongs to the parent context, so these handlers are never"
				+ " called: @OnTask Tasks.task. Declare them there");
	}

	@Test
	void whenUserDefinesOptionsThenUsesThem() {
		ServerOptions options = ServerOptions.builder().port(0).workerNum(1).build();
		this.contextRunner.withBean(Echo.class)
			.withBean("mine", ServerOptions.class, () -> options)
			.run((context) -> assertThat(context).hasSingleBean(ServerOptions.class).hasBean("mine"));
	}

	@Test
	void whenThereAreCustomizersThenAppliesThemInOrder() {
		this.contextRunner.withBean(Echo.class)
			.withUserConfiguration(Customizers.class)
			.withPropertyValues("swoole.server.backlog=1")
			.run((context) -> {
				ServerOptions options = context.getBean(ServerOptions.class);
				assertThat(options.listeners().get(0).backlog()).isEqualTo(3);
				assertThat(options.taskQueueCapacity()).isEqualTo(7);
			});
	}

	@Test
	void whenTwoCustomizersAddHandlersThenBothAreInThePipeline() {
		this.contextRunner.withBean(Echo.class)
			.withBean("one", SwooleServerCustomizer.class, () -> addsHandler("first"))
			.withBean("two", SwooleServerCustomizer.class, () -> addsHandler("second"))
			.run((context) -> {
				EmbeddedChannel channel = new EmbeddedChannel();
				context.getBean(ServerOptions.class).pipelineCustomizer().accept(channel.pipeline());
				assertThat(channel.pipeline().names()).containsSubsequence("first", "second");
				channel.close();
			});
	}

	private static SwooleServerCustomizer addsHandler(String name) {
		return (builder) -> builder
			.pipelineCustomizer((pipeline) -> pipeline.addLast(name, new ChannelInboundHandlerAdapter()));
	}

	@Test
	void whenNothingHandlesPacketsThenFails() {
		this.contextRunner.run((context) -> assertThat(context).getFailure()
			.isInstanceOf(InvalidHandlerException.class)
			.hasMessageContaining("no bean has an @OnReceive method"));
	}

	/** TASK-03. */
	@Test
	void whenNothingHandlesTasksThenFails() {
		this.contextRunner.withBean(Echo.class)
			.withPropertyValues("swoole.server.task-worker-num=1")
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(InvalidHandlerException.class)
				.hasMessageContaining("no bean has an @OnTask method"));
	}

	@Test
	void whenThereAreNoTaskWorkersThenAllowsTaskHandler() {
		this.contextRunner.withBean(Echo.class)
			.withBean(Tasks.class)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void whenPackageEofIsTooLongThenFails() {
		this.contextRunner.withBean(Echo.class)
			.withPropertyValues("swoole.server.package-eof=123456789")
			.run((context) -> assertThat(context).getFailure()
				.hasRootCauseInstanceOf(InvalidOptionException.class)
				.rootCause()
				.hasMessageContaining("must be 1 to 8 bytes, but is 9"));
	}

	@Test
	void whenDispatchModeIsNumberThenBinds() {
		this.contextRunner.withBean(Echo.class)
			.withPropertyValues("swoole.server.dispatch-mode=2")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void whenPropertyIsUnknownThenWarns(CapturedOutput output) {
		this.contextRunner.withBean(Echo.class)
			.withPropertyValues("swoole.server.task_worker_nums=2")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output.getOut()).contains("Did you mean 'swoole.server.task-worker-num'?");
	}

	@Test
	void whenServerRunsThenPublishesNoExecutor() {
		this.contextRunner.withBean(Echo.class)
			.withConfiguration(AutoConfigurations.of(TaskExecutionAutoConfiguration.class))
			.run((context) -> assertThat(context).hasSingleBean(Executor.class).hasBean("applicationTaskExecutor"));
	}

	@Test
	void whenServerRunsThenPublishesEventAndPort() {
		this.contextRunner.withBean(Echo.class).withUserConfiguration(Listening.class).run((context) -> {
			SwooleServer server = context.getBean(SwooleServer.class);
			assertThat(context.getBean(Listening.class).server).isSameAs(server);
			assertThat(context.getEnvironment().getProperty("local.swoole.server.port", Integer.class)).isPositive()
				.isEqualTo(server.getAddress().getPort());
		});
	}

	@Test
	void whenInitializationIsLazyThenHandlersAreNotLazy() {
		this.contextRunner
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.withUserConfiguration(LazyHandlers.class)
			.withBean("echo", Echo.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBeanFactory().getBeanDefinition("echo").isLazyInit()).isFalse();
				assertThat(context.getBeanFactory().getBeanDefinition("connect").isLazyInit()).isFalse();
				assertThat(context.getBeanFactory().getBeanDefinition("other").isLazyInit()).isTrue();
				assertThat(context.getBean(SwooleServer.class).isRunning()).isTrue();
			});
	}

	@Test
	void whenHandlerInjectsServerThenStarts() {
		this.contextRunner.withBean(InjectsServer.class).run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void whenContextIsClosedThenShutsDownServerOfUser() {
		SwooleServer server = mock(SwooleServer.class);
		given(server.getAddress()).willReturn(new InetSocketAddress(1));
		this.contextRunner.withBean(SwooleServer.class, () -> server)
			.run((context) -> then(server).should(never()).shutdown());
		then(server).should(atLeastOnce()).shutdown();
	}

	static class Echo {

		@OnReceive
		String receive(String data) {
			return data;
		}

	}

	static class PrivateHandler {

		@OnTask
		private void task() {
		}

	}

	static class Tasks {

		@OnTask
		void task() {
		}

	}

	static class InjectsServer {

		InjectsServer(SwooleServer server) {
		}

		@OnReceive
		void receive() {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Customizers {

		@Bean
		@Order(2)
		SwooleServerCustomizer second() {
			return (builder) -> builder.main((main) -> main.backlog(3));
		}

		@Bean
		@Order(1)
		SwooleServerCustomizer first() {
			return (builder) -> builder.taskQueueCapacity(7).main((main) -> main.backlog(2));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Listening {

		SwooleServer server;

		@EventListener
		void initialized(SwooleServerInitializedEvent event) {
			this.server = event.getServer();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyHandlers {

		@Bean
		@OnConnect
		ConnectHandler connect() {
			return (server, connection, reactorId) -> {
			};
		}

		@Bean
		String other() {
			return "";
		}

	}

}
