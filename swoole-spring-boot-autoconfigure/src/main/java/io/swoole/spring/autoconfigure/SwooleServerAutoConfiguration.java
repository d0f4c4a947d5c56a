package io.swoole.spring.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import io.swoole.server.DispatchStrategy;
import io.swoole.server.HandlerErrorHandler;
import io.swoole.server.InvalidOptionException;
import io.swoole.server.ServerHandler;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.server.SwooleServers;
import io.swoole.server.TaskInterceptor;
import io.swoole.server.UserProcess;
import io.swoole.spring.annotation.WorkerScope;
import io.swoole.spring.context.SwooleServerDrainLifecycle;
import io.swoole.spring.context.SwooleServerStartStopLifecycle;
import io.swoole.spring.context.WorkerBeanScope;
import io.swoole.spring.handler.AnnotatedServerHandler;
import io.swoole.spring.handler.HandlerLazyInitializationExcludeFilter;
import io.swoole.spring.handler.HandlerMethodProcessor;
import io.swoole.spring.handler.UnusedHandlers;
import io.swoole.spring.payload.PayloadConverter;

import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.config.CustomScopeConfigurer;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationPropertiesBinding;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.thread.Threading;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.util.function.SingletonSupplier;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for a {@link SwooleServer} that
 * calls annotated handlers.
 */
@AutoConfiguration(after = SslAutoConfiguration.class,
		afterName = "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration")
@ConditionalOnClass(SwooleServer.class)
@ConditionalOnBooleanProperty(name = "swoole.server.enabled", matchIfMissing = true)
@EnableConfigurationProperties(SwooleServerProperties.class)
@Import({ JsonConfiguration.class, TaskInterceptorConfigurations.MdcConfiguration.class,
		TaskInterceptorConfigurations.ContextPropagationConfiguration.class,
		TaskInterceptorConfigurations.TransactionConfiguration.class })
public final class SwooleServerAutoConfiguration {

	private static final Duration UNKNOWN_MAX_WAIT_TIME = Duration.ofSeconds(3);

	@Bean
	@ConfigurationPropertiesBinding
	static DispatchModeConverter swooleDispatchModeConverter() {
		return new DispatchModeConverter();
	}

	@Bean
	@ConditionalOnMissingBean({ ServerOptions.class, SwooleServer.class })
	ServerOptions swooleServerOptions(SwooleServerProperties properties, ListableBeanFactory beans,
			ObjectProvider<DispatchStrategy> dispatchStrategy, ObjectProvider<TaskInterceptor> taskInterceptors,
			ObjectProvider<SslBundles> sslBundles, ObjectProvider<SwooleServerCustomizer> customizers,
			ConfigurableEnvironment environment) {
		UnknownProperties.warn(environment);
		LostWildcards.check(environment);
		ListenersCustomizer listeners = new ListenersCustomizer(properties,
				AdditionalListeners.read(properties, environment), beans, new SslContexts(sslBundles.getIfAvailable()));
		SwooleServerCustomizer application = (builder) -> {
			listeners.customize(builder);
			dispatchStrategy.ifAvailable(builder::dispatchStrategy);
			List<TaskInterceptor> interceptors = taskInterceptors.orderedStream().toList();
			checkAfterCommit(properties, interceptors);
			interceptors.forEach(builder::taskInterceptor);
			addProcesses(beans, builder);
			if (properties.getEnableCoroutine() == null) {
				builder.enableCoroutine(Threading.VIRTUAL.isActive(environment));
			}
		};
		return ServerOptionsFactory.create(properties,
				Stream.concat(Stream.of(application), customizers.orderedStream()));
	}

	private static void checkAfterCommit(SwooleServerProperties properties, List<TaskInterceptor> interceptors) {
		if (properties.isTaskAfterCommit() && interceptors.stream().noneMatch(TaskInterceptor::supportsAfterCommit)) {
			throw new InvalidOptionException("", "task-after-commit", true,
					"it needs transactions: add spring-tx and a transaction manager, or set it to false");
		}
	}

	@Bean
	static WorkerBeanScope swooleWorkerScope(ObjectProvider<SwooleServer> server) {
		return new WorkerBeanScope(SingletonSupplier.of(server::getObject));
	}

	@Bean
	static CustomScopeConfigurer swooleWorkerScopeConfigurer(WorkerBeanScope scope) {
		CustomScopeConfigurer configurer = new CustomScopeConfigurer();
		configurer.addScope(WorkerScope.NAME, scope);
		return configurer;
	}

	@Bean(destroyMethod = "")
	@ConditionalOnMissingBean
	SwooleServer swooleServer(ServerOptions options, ServerHandler handler,
			ConfigurableListableBeanFactory beanFactory) {
		if (!(handler instanceof AnnotatedServerHandler)) {
			refuseWorkerScope(beanFactory);
		}
		return SwooleServers.create(options, handler);
	}

	private static void refuseWorkerScope(ConfigurableListableBeanFactory beanFactory) {
		for (String name : beanFactory.getBeanDefinitionNames()) {
			if (WorkerScope.NAME.equals(beanFactory.getBeanDefinition(name).getScope())) {
				throw new IllegalStateException(("Bean '%s' has the scope '%s', which only annotated handlers bring to"
						+ " life: give it another scope, or remove the ServerHandler bean")
					.formatted(
							ScopedProxyUtils.isScopedTarget(name) ? ScopedProxyUtils.getOriginalBeanName(name) : name,
							WorkerScope.NAME));
			}
		}
	}

	@Bean
	static UnusedHandlers swooleUnusedHandlers(ConfigurableListableBeanFactory beanFactory) {
		return new UnusedHandlers(beanFactory);
	}

	// the server of a parent context is started by the parent
	@Bean
	@ConditionalOnBean(value = SwooleServer.class, search = SearchStrategy.CURRENT)
	SwooleServerStartStopLifecycle swooleServerStartStopLifecycle(ConfigurableApplicationContext context,
			SwooleServer server, ObjectProvider<ServerOptions> options) {
		return new SwooleServerStartStopLifecycle(context, server, maxWaitTime(options));
	}

	@Bean
	@ConditionalOnBean(value = SwooleServer.class, search = SearchStrategy.CURRENT)
	SwooleServerDrainLifecycle swooleServerDrainLifecycle(ApplicationContext context, SwooleServer server,
			ObjectProvider<ServerOptions> options) {
		return new SwooleServerDrainLifecycle(context, server, maxWaitTime(options));
	}

	private static Duration maxWaitTime(ObjectProvider<ServerOptions> options) {
		ServerOptions available = options.getIfAvailable();
		return (available != null) ? available.maxWaitTime() : UNKNOWN_MAX_WAIT_TIME;
	}

	/**
	 * Adds the processes by their names only: the beans may need the server, which does
	 * not exist yet.
	 */
	private static void addProcesses(ListableBeanFactory beans, ServerOptions.Builder builder) {
		for (String name : beans.getBeanNamesForType(UserProcess.class, true, false)) {
			builder.process(name, (server) -> beans.getBean(name, UserProcess.class).run(server));
		}
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingBean(ServerHandler.class)
	static class AnnotatedHandlersConfiguration {

		@Bean
		AnnotatedServerHandler swooleServerHandler() {
			return new AnnotatedServerHandler();
		}

		@Bean
		static HandlerMethodProcessor swooleHandlerMethodProcessor(ConfigurableListableBeanFactory beanFactory,
				AnnotatedServerHandler serverHandler, ObjectProvider<ServerOptions> options,
				ObjectProvider<HandlerErrorHandler> errorHandler, ObjectProvider<WorkerBeanScope> workerScope,
				ObjectProvider<PayloadConverter> converters) {
			return new HandlerMethodProcessor(beanFactory, serverHandler, options, errorHandler, workerScope,
					converters);
		}

		@Bean
		static HandlerLazyInitializationExcludeFilter swooleHandlerLazyInitializationExcludeFilter() {
			return new HandlerLazyInitializationExcludeFilter();
		}

	}

}
