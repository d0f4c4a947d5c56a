package io.swoole.server.worker;

import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

/**
 * A queue with many producers and one consumer, linked through the events themselves: no
 * locks and no allocation. What may wait in it is bounded where the events are made:
 * packets, datagrams, tasks, results, messages, and code that the application leaves with
 * a worker all have limits of their own; of what else happens there are a few events for
 * each connection, timer and worker.
 */
final class Mailbox {

	private final Event stub = Event.of(() -> {
	});

	/** The newest event; producers swap themselves in here. */
	private final AtomicReference<Event> tail = new AtomicReference<>(this.stub);

	/** The oldest event; accessed by the consumer only. */
	private Event head = this.stub;

	void offer(Event event) {
		event.link(null);
		this.tail.getAndSet(event).link(event);
	}

	@Nullable Event poll() {
		Event oldest = this.head;
		Event next = oldest.next();
		if (oldest == this.stub) {
			if (next == null) {
				if (this.tail.get() == this.stub) {
					return null;
				}
				next = awaitNext(oldest);
			}
			this.head = next;
			oldest = next;
			next = oldest.next();
		}
		if (next == null) {
			// the stub takes the place of the last event, so that it can be given away
			if (this.tail.get() == oldest) {
				offer(this.stub);
			}
			next = awaitNext(oldest);
		}
		this.head = next;
		return oldest;
	}

	/** The oldest event, if it is there for certain; it stays in. */
	@Nullable Event peek() {
		return (this.head == this.stub) ? this.head.next() : this.head;
	}

	/** Takes out everything; it will never happen. */
	void discardAll() {
		for (Event event = poll(); event != null; event = poll()) {
			event.discard();
		}
	}

	boolean isEmpty() {
		return this.tail.get() == this.stub && this.head == this.stub;
	}

	/** A producer has swapped itself in and links itself in its next instruction. */
	private static Event awaitNext(Event event) {
		Event next = event.next();
		while (next == null) {
			Thread.onSpinWait();
			next = event.next();
		}
		return next;
	}

}
