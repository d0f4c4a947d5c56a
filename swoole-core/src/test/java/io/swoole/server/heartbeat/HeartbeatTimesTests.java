package io.swoole.server.heartbeat;

import java.time.Duration;

import io.swoole.server.ListenerOptions;
import io.swoole.server.ServerOptions;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the times of {@link Heartbeat} and {@link Patience}.
 */
class HeartbeatTimesTests {

	/** HEART-01. */
	@Test
	void whenOnlyIntervalIsSetThenIdleTimeIsTwiceOfIt() {
		ServerOptions options = ServerOptions.builder().heartbeatCheckInterval(Duration.ofSeconds(30)).build();
		assertThat(Patience.of(options, options.listeners().get(0)).idle()).isEqualTo(60_000);
		assertThat(new Heartbeat(options).periodMillis()).isEqualTo(30_000);
	}

	/** HEART-04. */
	@Test
	void whenOnlyIdleTimeIsSetThenIntervalIsHalfOfItButAtLeastOneSecond() {
		assertThat(Heartbeat.interval(0, 60_000)).isEqualTo(30_000);
		assertThat(Heartbeat.interval(0, 2_000)).isEqualTo(1_000);
		assertThat(Heartbeat.interval(0, 1_000)).isEqualTo(1_000);
	}

	/** HEART-04. */
	@Test
	void whenIntervalIsLongerThanHalfOfIdleTimeThenIsLowered() {
		assertThat(Heartbeat.interval(60_000, 10_000)).isEqualTo(5_000);
		assertThat(Heartbeat.interval(10_000, 1_000)).isEqualTo(1_000);
		assertThat(Heartbeat.interval(3_000, 60_000)).isEqualTo(3_000);
		assertThat(Heartbeat.interval(200, 1_000)).isEqualTo(200);
	}

	/** HEART-05. */
	@Test
	void whenListenersDifferThenEachHasItsIdleTime() {
		ListenerOptions own = ListenerOptions.builder("own").heartbeatIdleTime(Duration.ofSeconds(7)).build();
		ListenerOptions none = ListenerOptions.builder("none").build();
		ServerOptions options = ServerOptions.builder()
			.heartbeatCheckInterval(Duration.ofSeconds(2))
			.listener(own)
			.listener(none)
			.build();
		assertThat(Patience.of(options, own).idle()).isEqualTo(7_000);
		assertThat(Patience.of(options, none).idle()).isEqualTo(4_000);
		ServerOptions withoutInterval = ServerOptions.builder().listener(own).listener(none).build();
		assertThat(Patience.of(withoutInterval, none).idle()).isZero();
		assertThat(new Heartbeat(withoutInterval).periodMillis()).isEqualTo(3_500);
	}

	@Test
	void whenListenerIsRawThenNoPacketCanTakeTooLong() {
		ServerOptions raw = ServerOptions.builder().build();
		assertThat(Patience.of(raw, raw.listeners().get(0)).isEndless()).isTrue();
		ServerOptions framed = ServerOptions.builder().main((main) -> main.openLengthCheck(true)).build();
		assertThat(Patience.of(framed, framed.listeners().get(0)).packet()).isEqualTo(60_000);
		assertThat(new Heartbeat(framed).periodMillis()).isEqualTo(5_000);
		ServerOptions off = ServerOptions.builder()
			.main((main) -> main.openLengthCheck(true).packetTimeout(Duration.ZERO))
			.build();
		assertThat(Patience.of(off, off.listeners().get(0)).isEndless()).isTrue();
	}

}
