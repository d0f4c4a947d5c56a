package io.swoole.greeting;

import io.swoole.greeting.Greetings.Visit;
import io.swoole.server.SwooleServer;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.context.bean.override.mockito.MockitoBean;

import static org.mockito.BDDMockito.then;

@SpringBootTest
class MockedServerTests {

	@MockitoBean
	private SwooleServer server;

	@Autowired
	private Greetings greetings;

	@Test
	void whenNameComesThenGreetingIsATask() {
		this.greetings.receive(this.server, 7, "Ada");
		then(this.server).should().task(new Visit(7, "Ada"));
	}

}
