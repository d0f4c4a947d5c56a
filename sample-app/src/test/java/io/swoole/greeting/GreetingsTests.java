package io.swoole.greeting;

import io.swoole.greeting.Greetings.Greeting;
import io.swoole.greeting.Greetings.Visit;
import io.swoole.server.SwooleServer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;

class GreetingsTests {

	private final SwooleServer server = mock();

	private final Greetings greetings = new Greetings();

	@Test
	void whenNameComesThenGreetingIsATask() {
		this.greetings.receive(this.server, 7, "Ada");
		then(this.server).should().task(new Visit(7, "Ada"));
	}

	@Test
	void whenTaskRunsThenNameIsInTheGreeting() {
		assertThat(this.greetings.greet(new Visit(7, "Ada"))).isEqualTo(new Greeting(7, "Hello Ada!"));
	}

	@Test
	void whenTaskHasFinishedThenClientIsGreeted() {
		this.greetings.finish(this.server, new Greeting(7, "Hello Ada!"));
		then(this.server).should().send(7, "Hello Ada!\n");
	}

}
