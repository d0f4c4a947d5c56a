package io.swoole.server.worker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

import io.swoole.server.Internal;
import org.jspecify.annotations.Nullable;

/**
 * Something that happens in a worker or on an event loop. An event is its own link in the
 * mailbox, so an instance can wait in one mailbox only, once.
 */
@Internal
public abstract class Event {

	private static final VarHandle NEXT;

	static {
		try {
			NEXT = MethodHandles.lookup().findVarHandle(Event.class, "next", Event.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	@SuppressWarnings("unused") // through NEXT
	private volatile @Nullable Event next;

	/**
	 * Lets it happen; called once, in the thread that owns the mailbox.
	 */
	public abstract void run();

	/**
	 * It will never happen, because its thread has ended: lets go of what it holds.
	 */
	public void discard() {
	}

	/**
	 * An event that runs a piece of code.
	 * @param code the code
	 * @return the event
	 */
	public static Event of(Runnable code) {
		return new Event() {
			@Override
			public void run() {
				code.run();
			}
		};
	}

	final @Nullable Event next() {
		return (Event) NEXT.getAcquire(this);
	}

	final void link(@Nullable Event next) {
		NEXT.setRelease(this, next);
	}

}
