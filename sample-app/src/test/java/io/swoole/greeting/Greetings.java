package io.swoole.greeting;

import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.OnFinish;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnTask;

import org.springframework.stereotype.Component;

@Component
class Greetings {

	@OnReceive
	void receive(SwooleServer server, long fd, String name) {
		server.task(new Visit(fd, name));
	}

	@OnTask
	Greeting greet(Visit visit) {
		return new Greeting(visit.fd(), "Hello " + visit.name() + "!");
	}

	@OnFinish
	void finish(SwooleServer server, Greeting greeting) {
		server.send(greeting.fd(), greeting.text() + "\n");
	}

	record Visit(long fd, String name) {
	}

	record Greeting(long fd, String text) {
	}

}
