package io.swoole.sample;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

import io.swoole.spring.test.LocalSwooleServerPort;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SampleApplication}.
 */
@SpringBootTest(properties = "swoole.server.port=0")
@ExtendWith(OutputCaptureExtension.class)
class SampleApplicationTests {

	private static final String DISPATCH = "Dispatch AsyncTask: id=0";

	private static final String NEW = "New AsyncTask[id=0]";

	private static final String FINISH = "AsyncTask[0] Finish: hello -> OK";

	@LocalSwooleServerPort
	private int port;

	@Test
	void whenClientSendsDataThenTaskRunsAndFinishes(CapturedOutput output) throws IOException {
		try (Socket client = new Socket(InetAddress.getLoopbackAddress(), this.port)) {
			client.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
			Awaitility.await()
				.atMost(Duration.ofSeconds(30))
				.untilAsserted(() -> assertThat(output).contains(DISPATCH, NEW, FINISH));
		}
		assertThat(output.toString().indexOf(FINISH)).isGreaterThan(output.toString().indexOf(NEW))
			.isGreaterThan(output.toString().indexOf(DISPATCH));
	}

}
