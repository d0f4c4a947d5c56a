package io.swoole.server.connection;

import io.swoole.server.framing.ReadGate;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.Reactor;

/**
 * Lets the application decide, from any thread, whether a connection is read. Whoever
 * comes last decides.
 */
final class PauseSwitch {

	private final ReadGate gate;

	private final Reactor reactor;

	private volatile boolean paused;

	PauseSwitch(ReadGate gate, Reactor reactor) {
		this.gate = gate;
		this.reactor = reactor;
	}

	void pause() {
		this.paused = true;
		if (this.reactor.inEventLoop()) {
			this.gate.hold(ReadGate.PAUSED);
		}
		else {
			this.reactor.post(Event.of(this::apply));
		}
	}

	/** Never at once: the caller may be a callback, and packets may wait. */
	void resume() {
		this.paused = false;
		this.reactor.post(Event.of(this::apply));
	}

	private void apply() {
		if (this.paused) {
			this.gate.hold(ReadGate.PAUSED);
		}
		else {
			this.gate.release(ReadGate.PAUSED);
		}
	}

}
