package io.swoole.greeting;

import io.swoole.spring.test.LocalSwooleServerPort;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest
class PortOfTestResourcesTests {

	@LocalSwooleServerPort
	private int port;

	@Value("${swoole.server.port}")
	private int setting;

	@Test
	void whenTestResourcesHaveAPortThenItCounts() {
		assertThat(this.setting).isZero();
		assertThat(this.port).isPositive().isNotEqualTo(9501);
	}

}
