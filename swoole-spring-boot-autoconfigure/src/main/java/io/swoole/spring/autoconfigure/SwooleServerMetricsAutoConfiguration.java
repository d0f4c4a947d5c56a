package io.swoole.spring.autoconfigure;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.swoole.server.SwooleServer;
import io.swoole.spring.observability.SwooleServerMetrics;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the metrics of a
 * {@link SwooleServer}.
 */
@AutoConfiguration(after = SwooleServerAutoConfiguration.class)
@ConditionalOnClass(MeterBinder.class)
@ConditionalOnBean(SwooleServer.class)
public final class SwooleServerMetricsAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	SwooleServerMetrics swooleServerMetrics(SwooleServer server) {
		return new SwooleServerMetrics(server);
	}

}
