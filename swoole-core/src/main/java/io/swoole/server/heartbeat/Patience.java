package io.swoole.server.heartbeat;

import java.time.Duration;

import io.swoole.server.ListenerOptions;
import io.swoole.server.ServerOptions;
import io.swoole.server.framing.Framing;

/**
 * How long the clients of a listener may take, in milliseconds; 0 is for ever.
 *
 * @param idle how long they may be silent
 * @param maxIdle how long both sides may be silent
 * @param packet how long a packet may take from its first byte to its last
 * @param header how long what comes before the first packet may take
 */
record Patience(long idle, long maxIdle, long packet, long header) {

	static Patience of(ServerOptions server, ListenerOptions listener) {
		Duration idle = listener.heartbeatIdleTime();
		if (idle.isZero()) {
			idle = server.heartbeatCheckInterval().plus(server.heartbeatCheckInterval());
		}
		Duration packet = listener.packetTimeout();
		return new Patience(millis(idle), millis(listener.maxIdleTime()),
				Framing.of(listener).isRaw() ? 0 : millis(packet),
				listener.proxyProtocol() ? millis(packet.isZero() ? idle : packet) : 0);
	}

	/** Rounds up: what is set to less than a millisecond is not off. */
	private static long millis(Duration time) {
		return Math.max(time.toMillis(), time.isZero() ? 0 : 1);
	}

	/** Whether an established connection need not be looked at. */
	boolean isEndless() {
		return this.idle == 0 && this.maxIdle == 0 && this.packet == 0;
	}

}
