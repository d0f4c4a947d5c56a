package io.swoole.spring.autoconfigure;

import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.spring.observability.SwooleServerHealthIndicator;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the health of a
 * {@link SwooleServer}.
 */
@AutoConfiguration(after = SwooleServerAutoConfiguration.class)
@ConditionalOnClass({ HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnEnabledHealthIndicator("swoole")
@ConditionalOnBean(SwooleServer.class)
public final class SwooleServerHealthContributorAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = "swooleHealthIndicator")
	SwooleServerHealthIndicator swooleHealthIndicator(SwooleServer server, ObjectProvider<ServerOptions> options) {
		ServerOptions available = options.getIfAvailable();
		return new SwooleServerHealthIndicator(server,
				(available != null) ? available.workers().taskMaxAbandonedThreads() : 0);
	}

}
