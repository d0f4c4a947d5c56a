package io.swoole.greeting;

import io.swoole.server.SwooleServer;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest(properties = "swoole.server.enabled=false")
class WithoutServerTests {

	@Autowired
	private ObjectProvider<SwooleServer> server;

	@Autowired
	private Greetings greetings;

	@Test
	void whenServerIsOffThenBeansAreThereAllTheSame() {
		assertThat(this.server.getIfAvailable()).isNull();
		assertThat(this.greetings).isNotNull();
	}

}
