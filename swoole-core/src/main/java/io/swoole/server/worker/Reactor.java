package io.swoole.server.worker;

import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

import io.netty.channel.EventLoop;
import io.swoole.server.Internal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An event loop with a mailbox. Events from other threads are run in bursts: a burst
 * costs one wake-up of the loop, and what its events wrote is flushed once per
 * connection.
 * <p>
 * A <em>turn</em> is one such burst, or the handling of one read of a connection.
 */
@Internal
public final class Reactor {

	/**
	 * How many events, or packets of one connection, are handled before others get on.
	 */
	public static final int TURN_EVENTS = 64;

	/** How long one turn may last before others get on. */
	public static final long TURN_NANOS = 200_000;

	/** How many connections are flushed before others get on. */
	private static final int TURN_FLUSHES = 256;

	private static final Logger logger = LoggerFactory.getLogger(Reactor.class);

	private final int id;

	private final EventLoop loop;

	private final Mailbox mailbox = new Mailbox();

	private final Mailbox urgent = new Mailbox();

	private final AtomicBoolean scheduled = new AtomicBoolean();

	private final Runnable turn = this::turn;

	private final Runnable flush = this::flush;

	// accessed on the event loop only

	private final ArrayDeque<Flushable> written = new ArrayDeque<>();

	private boolean inTurn;

	/**
	 * Creates the reactor of an event loop.
	 * @param id its number
	 * @param loop the event loop
	 */
	public Reactor(int id, EventLoop loop) {
		this.id = id;
		this.loop = loop;
	}

	/**
	 * The number of this reactor.
	 * @return the number, from 0 upward
	 */
	public int id() {
		return this.id;
	}

	/**
	 * The event loop.
	 * @return the loop
	 */
	public EventLoop loop() {
		return this.loop;
	}

	/**
	 * Whether the calling thread is the event loop.
	 * @return {@code true} if so
	 */
	public boolean inEventLoop() {
		return this.loop.inEventLoop();
	}

	/**
	 * Has an event run on the event loop, after those posted before. It is discarded when
	 * the event loop has ended.
	 * @param event the event
	 */
	public void post(Event event) {
		this.mailbox.offer(event);
		schedule();
	}

	/**
	 * Has an event run on the event loop before all others.
	 * @param event the event
	 */
	public void postFirst(Event event) {
		this.urgent.offer(event);
		schedule();
	}

	private void schedule() {
		if (!this.scheduled.get() && this.scheduled.compareAndSet(false, true)) {
			executeTurn();
		}
	}

	private void executeTurn() {
		try {
			this.loop.execute(this.turn);
		}
		catch (RejectedExecutionException ex) {
			discardAll();
		}
	}

	private synchronized void discardAll() {
		logger.debug("Reactor {} has ended: events posted since are discarded", this.id);
		this.scheduled.set(false);
		this.urgent.discardAll();
		this.mailbox.discardAll();
	}

	/**
	 * Runs the events that must come before the next one; on the event loop only.
	 */
	public void runUrgent() {
		while (true) {
			Event event = this.urgent.poll();
			if (event == null) {
				return;
			}
			run(event);
		}
	}

	/**
	 * A connection begins to hand out packets; until {@link #endTurn()} nothing is
	 * flushed.
	 */
	public void beginTurn() {
		this.inTurn = true;
	}

	/**
	 * Flushes every connection that has been written to in this turn.
	 */
	public void endTurn() {
		this.inTurn = false;
		runUrgent();
		flush();
	}

	/**
	 * Remembers that a connection has unflushed output; on the event loop only, once per
	 * connection and flush.
	 * @param connection the connection
	 */
	public void written(Flushable connection) {
		this.written.add(connection);
		if (!this.inTurn && this.written.size() == 1) {
			this.loop.execute(this.flush);
		}
	}

	/**
	 * Flushes now every connection that has been written to; on the event loop only.
	 */
	public void flushAll() {
		for (Flushable next = this.written.poll(); next != null; next = this.written.poll()) {
			flush(next);
		}
	}

	private void flush() {
		int count = 0;
		for (Flushable next = this.written.poll(); next != null; next = this.written.poll()) {
			flush(next);
			count++;
			if (count == TURN_FLUSHES && !this.written.isEmpty()) {
				this.loop.execute(this.flush);
				return;
			}
		}
	}

	private static void flush(Flushable connection) {
		try {
			connection.flush();
		}
		catch (Throwable ex) {
			logger.error("Unexpected failure to flush {}; the others are still flushed", connection, ex);
		}
	}

	private void turn() {
		boolean more = true;
		try {
			this.inTurn = true;
			more = runEvents();
			endTurn();
		}
		finally {
			nextTurn(more);
		}
	}

	private void nextTurn(boolean more) {
		if (more) {
			executeTurn();
			return;
		}
		this.scheduled.set(false);
		if (!this.mailbox.isEmpty() || !this.urgent.isEmpty()) {
			schedule();
		}
	}

	private boolean runEvents() {
		long begin = System.nanoTime();
		for (int count = 1;; count++) {
			runUrgent();
			Event event = this.mailbox.poll();
			if (event == null) {
				return false;
			}
			run(event);
			if (count == TURN_EVENTS || ((count & 7) == 0 && System.nanoTime() - begin > TURN_NANOS)) {
				return true;
			}
		}
	}

	private static void run(Event event) {
		try {
			event.run();
		}
		catch (Throwable ex) {
			logger.error("Unexpected failure of {}; the event loop goes on", event, ex);
		}
	}

	/**
	 * Has output that waits to be flushed.
	 */
	@FunctionalInterface
	public interface Flushable {

		/**
		 * Writes the output to the socket; called on the event loop.
		 */
		void flush();

	}

}
