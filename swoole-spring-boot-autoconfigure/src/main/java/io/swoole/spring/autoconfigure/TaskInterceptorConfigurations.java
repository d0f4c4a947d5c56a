package io.swoole.spring.autoconfigure;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshotFactory;
import io.swoole.spring.task.AfterCommitTaskInterceptor;
import io.swoole.spring.task.ContextSnapshotTaskInterceptor;
import io.swoole.spring.task.MdcTaskInterceptor;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * What is put around tasks, as far as the application has it.
 */
final class TaskInterceptorConfigurations {

	private TaskInterceptorConfigurations() {
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty(name = "swoole.server.task-context-propagation", matchIfMissing = true)
	static class MdcConfiguration {

		@Bean
		@ConditionalOnMissingBean
		MdcTaskInterceptor swooleMdcTaskInterceptor() {
			return new MdcTaskInterceptor();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ContextSnapshotFactory.class)
	@ConditionalOnBooleanProperty(name = "swoole.server.task-context-propagation", matchIfMissing = true)
	static class ContextPropagationConfiguration {

		@Bean
		@ConditionalOnMissingBean
		ContextSnapshotTaskInterceptor swooleContextSnapshotTaskInterceptor(
				ObjectProvider<ContextSnapshotFactory> factory) {
			ContextSnapshotFactory own = factory.getIfAvailable();
			return (own != null) ? new ContextSnapshotTaskInterceptor(own)
					: new ContextSnapshotTaskInterceptor(ContextRegistry.getInstance());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(TransactionSynchronizationManager.class)
	static class TransactionConfiguration {

		@Bean
		@ConditionalOnMissingBean
		AfterCommitTaskInterceptor swooleAfterCommitTaskInterceptor(SwooleServerProperties properties) {
			return new AfterCommitTaskInterceptor(properties.isTaskAfterCommit());
		}

	}

}
