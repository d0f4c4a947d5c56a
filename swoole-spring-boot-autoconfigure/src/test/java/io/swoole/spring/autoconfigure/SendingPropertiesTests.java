package io.swoole.spring.autoconfigure;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

import io.swoole.server.InvalidOptionException;
import io.swoole.server.ListenerOptions;
import io.swoole.server.ServerOptions;
import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Properties of sending, backpressure and closing.
 */
class SendingPropertiesTests {

	@Test
	void whenPropertiesAreSetThenReachTheOptions() {
		Map<String, String> properties = new LinkedHashMap<>();
		properties.put("start_session_id", "4294967296");
		properties.put("enable_delay_receive", "true");
		properties.put("output_buffer_size", "4MB");
		properties.put("max_queued_bytes", "65536");
		properties.put("send_yield", "true");
		properties.put("send_timeout", "1500ms");
		properties.put("socket_send_timeout", "5");
		properties.put("socket_buffer_size", "1048576");
		properties.put("buffer_high_watermark", "512KB");
		properties.put("buffer_low_watermark", "1024");
		properties.put("half-close", "true");
		properties.put("half-close-timeout", "7");
		ServerOptions options = bind(properties);
		assertThat(options.startSessionId()).isEqualTo(1L << 32);
		assertThat(options.enableDelayReceive()).isTrue();
		assertThat(options.outputBufferSize()).isEqualTo(4 * 1024 * 1024);
		assertThat(options.maxQueuedBytes()).isEqualTo(65536);
		assertThat(options.sendYield()).isTrue();
		assertThat(options.sendTimeout()).isEqualTo(Duration.ofMillis(1500));
		assertThat(options.socketSendTimeout()).isEqualTo(Duration.ofSeconds(5));
		ListenerOptions main = options.listeners().get(0);
		assertThat(main.socketBufferSize()).isEqualTo(1048576);
		assertThat(main.bufferHighWatermark()).isEqualTo(512 * 1024);
		assertThat(main.bufferLowWatermark()).isEqualTo(1024);
		assertThat(main.halfClose()).isTrue();
		assertThat(main.halfCloseTimeout()).isEqualTo(Duration.ofSeconds(7));
	}

	/** BUF-06. */
	@Test
	void whenOnlySocketBufferSizeIsSetThenHighWatermarkFollows() {
		assertThat(bind(Map.of("socket-buffer-size", "1000")).listeners().get(0).bufferHighWatermark()).isEqualTo(800);
		assertThat(bind(Map.of("socket-buffer-size", "0")).listeners().get(0).bufferHighWatermark())
			.isEqualTo(Long.MAX_VALUE);
	}

	@Test
	void whenLowWatermarkIsNotBelowHighThenRefuses() {
		assertThatExceptionOfType(InvalidOptionException.class)
			.isThrownBy(() -> bind(Map.of("buffer-high-watermark", "100", "buffer-low-watermark", "100")))
			.withMessageContaining("buffer-low-watermark");
	}

	private static ServerOptions bind(Map<String, String> properties) {
		Map<String, String> named = new LinkedHashMap<>();
		properties.forEach((name, value) -> named.put("swoole.server." + name, value));
		SwooleServerProperties bound = new Binder(new MapConfigurationPropertySource(named))
			.bindOrCreate("swoole.server", SwooleServerProperties.class);
		return ServerOptionsFactory.create(bound, Stream.empty());
	}

}
