package io.swoole.greeting;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Scanner;

import io.swoole.spring.autoconfigure.SwooleServerAutoConfiguration;
import io.swoole.spring.test.LocalSwooleServerPort;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest(classes = Greetings.class,
		properties = { "swoole.server.port=0", "swoole.server.open-eof-split=true", "swoole.server.package-eof=\\n",
				"swoole.server.package-strip=true" })
@ImportAutoConfiguration(SwooleServerAutoConfiguration.class)
class HandlersOnlyTests {

	@LocalSwooleServerPort
	private int port;

	@Test
	void whenOnlyHandlersAreLoadedThenTheyServe() throws IOException {
		try (Socket client = new Socket(InetAddress.getLoopbackAddress(), this.port)) {
			client.setSoTimeout(30_000);
			client.getOutputStream().write("Ada\n".getBytes(StandardCharsets.UTF_8));
			Scanner answers = new Scanner(client.getInputStream(), StandardCharsets.UTF_8);
			assertThat(answers.nextLine()).isEqualTo("Hello Ada!");
		}
	}

}
