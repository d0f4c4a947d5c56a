package io.swoole.greeting;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Scanner;

import io.swoole.server.SwooleServer;
import io.swoole.spring.test.LocalSwooleServerPort;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest(properties = "swoole.server.port=0")
class GreetingApplicationTests {

	@LocalSwooleServerPort
	private int port;

	@Autowired
	private SwooleServer server;

	@Test
	void whenClientSaysItsNameThenIsGreeted() throws IOException {
		try (Socket client = new Socket(InetAddress.getLoopbackAddress(), this.port)) {
			client.setSoTimeout(30_000); // an answer that never comes fails the test
			client.getOutputStream().write("Ada\nGrace\n".getBytes(StandardCharsets.UTF_8));
			Scanner answers = new Scanner(client.getInputStream(), StandardCharsets.UTF_8);
			assertThat(answers.nextLine()).startsWith("Hello ");
			assertThat(answers.nextLine()).startsWith("Hello ");
		}
		Awaitility.await().until(() -> this.server.getConnectionCount() == 0);
	}

	@Test
	void whenAnswerHasAKnownLengthThenThatManyBytesAreRead(@LocalSwooleServerPort int port) throws IOException {
		try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
			client.setSoTimeout(30_000);
			client.getOutputStream().write("Ada\n".getBytes(StandardCharsets.UTF_8));
			byte[] answer = client.getInputStream().readNBytes(11);
			assertThat(answer).asString(StandardCharsets.UTF_8).isEqualTo("Hello Ada!\n");
		}
	}

}
