package io.swoole.spring.autoconfigure;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

import io.swoole.server.ListenerOptions;
import io.swoole.server.ServerOptions;
import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Properties of limits, patience and TCP sockets.
 */
class ConnectionPropertiesTests {

	@Test
	void whenNothingIsSetThenHasTheDefaultsOfTheOptions() {
		assertThat(bind(Map.of())).usingRecursiveComparison()
			.ignoringFields("pipelineCustomizer")
			.isEqualTo(ServerOptions.builder().build());
	}

	@Test
	void whenPropertiesAreSetThenReachTheOptions() {
		Map<String, String> properties = new LinkedHashMap<>();
		properties.put("max_connection", "5000");
		properties.put("max-connection-per-ip", "20");
		properties.put("heartbeat_check_interval", "30");
		properties.put("enable-reuse-port", "true");
		properties.put("heartbeat_idle_time", "600");
		properties.put("max-idle-time", "1500ms");
		properties.put("packet-timeout", "10");
		properties.put("ssl-handshake-timeout", "3");
		properties.put("open_tcp_keepalive", "true");
		properties.put("tcp_keepidle", "4");
		properties.put("tcp_keepinterval", "1");
		properties.put("tcp_keepcount", "7");
		properties.put("tcp_defer_accept", "5");
		properties.put("tcp_fastopen", "true");
		properties.put("tcp_user_timeout", "10000");
		properties.put("kernel_socket_recv_buffer_size", "65536");
		properties.put("kernel_socket_send_buffer_size", "128KB");
		properties.put("proxy-protocol", "true");
		properties.put("allow-from", "10.0.0.0/8, ::1");
		properties.put("deny-from[0]", "10.6.6.6");
		ServerOptions options = bind(properties);
		assertThat(options.maxConnection()).isEqualTo(5000);
		assertThat(options.maxConnectionPerIp()).isEqualTo(20);
		assertThat(options.heartbeatCheckInterval()).isEqualTo(Duration.ofSeconds(30));
		assertThat(options.enableReusePort()).isTrue();
		ListenerOptions main = options.listeners().get(0);
		assertThat(main.heartbeatIdleTime()).isEqualTo(Duration.ofMinutes(10));
		assertThat(main.maxIdleTime()).isEqualTo(Duration.ofMillis(1500));
		assertThat(main.packetTimeout()).isEqualTo(Duration.ofSeconds(10));
		assertThat(main.sslHandshakeTimeout()).isEqualTo(Duration.ofSeconds(3));
		assertThat(main.openTcpKeepalive()).isTrue();
		assertThat(main.tcpKeepidle()).isEqualTo(Duration.ofSeconds(4));
		assertThat(main.tcpKeepinterval()).isEqualTo(Duration.ofSeconds(1));
		assertThat(main.tcpKeepcount()).isEqualTo(7);
		assertThat(main.tcpDeferAccept()).isEqualTo(Duration.ofSeconds(5));
		assertThat(main.tcpFastopen()).isTrue();
		assertThat(main.tcpUserTimeout()).isEqualTo(Duration.ofSeconds(10));
		assertThat(main.kernelSocketRecvBufferSize()).isEqualTo(65536);
		assertThat(main.kernelSocketSendBufferSize()).isEqualTo(131072);
		assertThat(main.proxyProtocol()).isTrue();
		assertThat(main.allowFrom()).containsExactly("10.0.0.0/8", "::1");
		assertThat(main.denyFrom()).containsExactly("10.6.6.6");
	}

	private static ServerOptions bind(Map<String, String> properties) {
		Map<String, String> named = new LinkedHashMap<>();
		properties.forEach((name, value) -> named.put("swoole.server." + name, value));
		SwooleServerProperties bound = new Binder(new MapConfigurationPropertySource(named))
			.bindOrCreate("swoole.server", SwooleServerProperties.class);
		return ServerOptionsFactory.create(bound, Stream.empty());
	}

}
