package io.swoole.spring.autoconfigure;

import io.swoole.spring.payload.JsonPayloadConverter;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Lets handlers take and return JSON, if Jackson is there.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(JsonMapper.class)
class JsonConfiguration {

	@Bean
	@ConditionalOnSingleCandidate(JsonMapper.class)
	@ConditionalOnMissingBean
	JsonPayloadConverter swooleJsonPayloadConverter(JsonMapper mapper) {
		return new JsonPayloadConverter(mapper);
	}

}
