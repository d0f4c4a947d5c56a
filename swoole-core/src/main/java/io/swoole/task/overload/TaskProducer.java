package io.swoole.task.overload;

import java.util.ArrayDeque;
import java.util.Deque;

import io.swoole.server.Internal;
import io.swoole.server.framing.ReadGate;
import io.swoole.server.worker.Event;
import io.swoole.server.worker.Lane;
import io.swoole.server.worker.Reactor;
import io.swoole.server.worker.WorkerContext;
import io.swoole.task.overload.TaskCapacity.Admission;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose callbacks may post tasks. While the task queue is overloaded its
 * packets are handled one by one as it gets places; until then they are parked, in their
 * order, and the connection is not read.
 */
@Internal
public final class TaskProducer {

	/** After how many packets without a task a connection no longer counts as posting. */
	private static final int QUIET = 16;

	private final TaskCapacity capacity;

	private final ProducerGroup group;

	private final ReadGate gate;

	private final Reactor reactor;

	/** Whether it has posted a task lately. */
	private volatile boolean posting;

	/** Packets in a row that were given a place and posted nothing. */
	private int quietPackets;

	// guarded by this

	private final Deque<PacedEvent> parked = new ArrayDeque<>(0);

	/** Places it has been given and not used yet. */
	private int places;

	private volatile boolean isParked;

	/**
	 * Creates the producer of a new connection.
	 * @param group the connections of its listener
	 * @param gate decides whether it is read
	 * @param reactor its event loop
	 */
	public TaskProducer(ProducerGroup group, ReadGate gate, Reactor reactor) {
		this.capacity = group.capacity();
		this.group = group;
		this.gate = gate;
		this.reactor = reactor;
	}

	/**
	 * A callback of the connection posts a task.
	 */
	public void posted() {
		this.quietPackets = 0;
		if (!this.posting) {
			this.posting = true;
			this.group.posted();
		}
	}

	boolean isPosting() {
		return this.posting;
	}

	/**
	 * Whether the next event may simply happen.
	 * @return {@code false} to {@link #pass} it instead
	 */
	public boolean isFree() {
		return !this.isParked && (!this.capacity.isOverloaded() || !this.group.isPosting());
	}

	/**
	 * Lets an event happen now or when its turn has come; in its lane.
	 * @param event the event
	 */
	public void pass(PacedEvent event) {
		Admission admission;
		synchronized (this) {
			admission = this.isParked ? Admission.LATER : admit(event);
			if (admission == Admission.LATER) {
				event.parked();
				this.parked.add(event);
				if (this.isParked) {
					return;
				}
				this.isParked = true;
			}
		}
		if (admission == Admission.LATER) {
			this.capacity.paused(true);
			applyGate();
			this.capacity.waiting();
		}
		else {
			handle(event, admission);
		}
	}

	private Admission admit(PacedEvent event) {
		if (!event.mayPost()) {
			return Admission.FREE;
		}
		if (this.places > 0) {
			this.places--;
			return Admission.WITH_PLACE;
		}
		return this.capacity.admit(this);
	}

	private void handle(PacedEvent event, Admission admission) {
		if (admission == Admission.FREE) {
			handleFreely(event);
			return;
		}
		WorkerContext context = event.lane().context();
		context.place(this.capacity.freeOne());
		try {
			event.handle();
		}
		finally {
			if (context.takePlace()) {
				quiet();
				this.capacity.free(1);
			}
		}
	}

	/**
	 * Lets an event happen that has no place; in its lane. Where any number of handlers
	 * run side by side there is not a place left for each of them when the queue gets
	 * overloaded: its one task is taken nevertheless.
	 * @param event the event
	 */
	public void handleFreely(PacedEvent event) {
		if (!event.lane().isOneOfMany() || !event.mayPost()) {
			event.handle();
			return;
		}
		WorkerContext context = event.lane().context();
		context.excess(true);
		try {
			event.handle();
		}
		finally {
			context.excess(false);
		}
	}

	private void quiet() {
		if (++this.quietPackets >= QUIET) {
			this.posting = false;
		}
	}

	/**
	 * The connection has been closed: parked packets are let go without waiting.
	 */
	public void closed() {
		if (this.isParked) {
			this.capacity.leave(this);
			grant(0);
		}
	}

	/** It may go on, with places for some packets; {@code false} if nothing is parked. */
	boolean grant(int count) {
		PacedEvent first;
		synchronized (this) {
			first = this.parked.peek();
			if (first == null) {
				return false;
			}
			this.places += count;
		}
		post(first.lane());
		return true;
	}

	private void post(Lane lane) {
		lane.post(new Turn(lane));
	}

	/** Lets the first parked event happen, if it is of this lane and may; in the lane. */
	private void next(Lane lane) {
		PacedEvent event;
		@Nullable PacedEvent next;
		Admission admission;
		synchronized (this) {
			event = this.parked.peek();
			if (event == null) {
				return;
			}
			if (event.lane() != lane) {
				post(event.lane());
				return;
			}
			admission = admit(event);
			if (admission != Admission.LATER) {
				this.parked.remove();
			}
			next = this.parked.peek();
			this.isParked = next != null;
		}
		if (admission == Admission.LATER) {
			this.capacity.waiting();
		}
		else if (next != null) {
			// before the callback, which may never return
			post(next.lane());
			handle(event, admission);
		}
		else {
			handleLast(event, admission);
		}
	}

	/** On the event loop more packets may follow at once, elsewhere they are posted. */
	private void handleLast(PacedEvent event, Admission admission) {
		boolean inEventLoop = this.reactor.inEventLoop();
		if (!inEventLoop) {
			unparked();
		}
		try {
			handle(event, admission);
		}
		finally {
			if (inEventLoop) {
				unparked();
			}
		}
	}

	private void unparked() {
		this.capacity.paused(false);
		applyGate();
		int unused;
		synchronized (this) {
			unused = this.isParked ? 0 : this.places;
			this.places -= unused;
		}
		if (unused > 0) {
			this.capacity.free(unused);
		}
	}

	private void applyGate() {
		if (this.reactor.inEventLoop()) {
			holdOrRelease();
		}
		else {
			this.reactor.post(Event.of(this::holdOrRelease));
		}
	}

	private void holdOrRelease() {
		if (this.isParked) {
			this.gate.hold(ReadGate.TASKS);
		}
		else {
			this.gate.release(ReadGate.TASKS);
		}
	}

	private void discard() {
		synchronized (this) {
			this.parked.forEach(PacedEvent::discard);
			this.parked.clear();
		}
	}

	/**
	 * The turn of the first parked event.
	 */
	private final class Turn extends Event {

		private final Lane lane;

		Turn(Lane lane) {
			this.lane = lane;
		}

		@Override
		public void run() {
			next(this.lane);
		}

		@Override
		public void discard() {
			TaskProducer.this.discard();
		}

	}

}
