package io.swoole.server.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.swoole.server.ServerHandler;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.server.connection.LastError;
import io.swoole.server.worker.SwooleThread;
import org.jspecify.annotations.Nullable;

/**
 * The life of a server, from start to stop and, if it is restarted, on. From any thread.
 */
final class ServerLife {

	private final SwooleServer server;

	private final ServerOptions options;

	private final ServerHandler handler;

	private final LastError lastError;

	/** Guards the change from one state to the next. */
	private final Object lock = new Object();

	private volatile State state = State.NEW;

	private volatile @Nullable ServerRun run;

	/** The last fd of earlier runs. Some may remember it: later ones are beyond. */
	private volatile long lastSession;

	private volatile CountDownLatch terminated = new CountDownLatch(0);

	ServerLife(SwooleServer server, ServerOptions options, ServerHandler handler, LastError lastError) {
		this.server = server;
		this.options = options;
		this.handler = handler;
		this.lastError = lastError;
	}

	/** What exists while the server runs, {@code null} if it does not. */
	@Nullable ServerRun current() {
		return this.run;
	}

	/** What exists while the server runs, as it must. */
	ServerRun run() {
		ServerRun current = this.run;
		if (current == null) {
			throw new IllegalStateException("The server does not run: start it first");
		}
		return current;
	}

	boolean isRunning() {
		return this.state == State.RUNNING;
	}

	void start() {
		synchronized (this.lock) {
			if (this.state != State.NEW) {
				throw new IllegalStateException((this.state == State.STOPPED)
						? "The server has been stopped and cannot be started again: use restart()"
						: "The server is running");
			}
			this.state = State.STARTING;
		}
		begin(State.NEW);
	}

	void restart() {
		synchronized (this.lock) {
			if (this.state != State.NEW && this.state != State.STOPPED) {
				throw new IllegalStateException("The server is running or still stopping");
			}
			this.state = State.STARTING;
		}
		begin(State.STOPPED);
	}

	private void begin(State afterFailure) {
		ServerRun next;
		try {
			next = ServerRun.create(this.server, this.options, this.handler, this.lastError, Instant.now(),
					Math.max(this.options.startSessionId(), this.lastSession));
		}
		catch (Throwable ex) {
			this.state = afterFailure;
			throw ex;
		}
		this.terminated = new CountDownLatch(1);
		this.run = next;
		if (this.state == State.STOPPING) {
			next.cancel();
		}
		try {
			next.start();
		}
		catch (Throwable ex) {
			this.lastSession = next.lastSession();
			this.run = null;
			this.state = afterFailure;
			this.terminated.countDown();
			throw ex;
		}
		synchronized (this.lock) {
			if (this.state == State.STARTING) {
				this.state = State.RUNNING;
				return;
			}
		}
		// shutdown() has been called by a callback of the start
		stop(next);
	}

	void shutdown() {
		ServerRun current;
		synchronized (this.lock) {
			boolean starting = this.state == State.STARTING;
			if (!starting && this.state != State.RUNNING) {
				return;
			}
			this.state = State.STOPPING;
			current = this.run;
			if (starting || current == null) {
				if (current != null) {
					current.cancel();
				}
				return;
			}
		}
		SwooleThread thread = new SwooleThread(() -> stop(current), "swoole-shutdown");
		// the JVM must not end before the last callback
		thread.setDaemon(false);
		thread.start();
	}

	private void stop(ServerRun current) {
		try {
			new OrderlyStop(current, this.options.maxWaitTime()).run();
		}
		finally {
			this.lastSession = current.lastSession();
			this.run = null;
			this.state = State.STOPPED;
			this.terminated.countDown();
		}
	}

	boolean awaitTermination(Duration timeout) throws InterruptedException {
		ServerRun current = this.run;
		if (this.server.getWorkerId() != -1 || (current != null && current.lifecycle().isCurrent())) {
			throw new IllegalStateException("A callback cannot wait for its own server to stop");
		}
		return this.terminated.await(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
	}

	/**
	 * How far it has come.
	 */
	private enum State {

		NEW, STARTING, RUNNING, STOPPING, STOPPED

	}

}
