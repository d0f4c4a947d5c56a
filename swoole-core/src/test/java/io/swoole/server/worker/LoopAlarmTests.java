package io.swoole.server.worker;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LoopAlarm} with an event loop and a worker that wait for the test:
 * TIMER-01.
 */
class LoopAlarmTests {

	/** Alarms that have neither gone off nor been cancelled. */
	private final List<Runnable> scheduled = new ArrayList<>();

	/** What waits in the mailbox of the worker. */
	private final List<Event> posted = new ArrayList<>();

	private final WorkerContext context = new WorkerContext(this, 0, null);

	private final LoopAlarm alarm = new LoopAlarm(loop(), worker());

	private int ran;

	private EventLoop loop() {
		return fake(EventLoop.class, (method, arguments) -> {
			assertThat(method).isEqualTo("schedule");
			Runnable code = (Runnable) arguments[0];
			this.scheduled.add(code);
			return fake(ScheduledFuture.class, (operation, ignored) -> {
				assertThat(operation).isEqualTo("cancel");
				return this.scheduled.remove(code);
			});
		});
	}

	private Worker worker() {
		return fake(Worker.class, (method, arguments) -> {
			if (method.equals("context")) {
				return this.context;
			}
			assertThat(method).isEqualTo("post");
			this.posted.add((Event) arguments[0]);
			return null;
		});
	}

	private static <T> T fake(Class<T> type, Behaviour behaviour) {
		return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type },
				(self, method, arguments) -> behaviour.call(method.getName(), arguments)));
	}

	private void add(long id, long delayNanos, boolean repeating) {
		this.alarm.timers()
			.add(new WorkerTimer(id, System.nanoTime() + delayNanos, Math.max(1, delayNanos), repeating) {
				@Override
				protected void run() {
					LoopAlarmTests.this.ran++;
				}

				@Override
				protected void ended() {
				}
			});
	}

	/** The time of all alarms comes, the worker is busy. */
	private void goOff() {
		List<Runnable> due = List.copyOf(this.scheduled);
		this.scheduled.clear();
		due.forEach(Runnable::run);
	}

	/** The worker comes to what has been posted. */
	private void runPosted() {
		List<Event> events = List.copyOf(this.posted);
		this.posted.clear();
		events.forEach(Event::run);
	}

	@Test
	void whenEarlierTimersComeAfterTheAlarmThenOneAlarmIsLeft() {
		for (int i = 0; i < 100; i++) {
			add(i, TimeUnit.HOURS.toNanos(1000 - i), true);
			goOff();
		}
		assertThat(this.posted).hasSize(100);
		for (int period = 0; period < 100; period++) {
			runPosted();
			assertThat(this.scheduled).hasSize(1);
			goOff();
			assertThat(this.posted).hasSize(1);
		}
		assertThat(this.ran).isZero();
	}

	@Test
	void whenEarlierTimerComesAfterTheAlarmThenBothRun() {
		add(1, 0, false);
		goOff();
		add(2, -TimeUnit.SECONDS.toNanos(1), false);
		runPosted();
		goOff();
		runPosted();
		assertThat(this.ran).isEqualTo(2);
		assertThat(this.scheduled).isEmpty();
	}

	@Test
	void whenEarlierTimerComesBeforeTheAlarmThenTheAlarmIsMoved() {
		add(1, TimeUnit.HOURS.toNanos(2), false);
		add(2, TimeUnit.HOURS.toNanos(3), false);
		add(3, TimeUnit.HOURS.toNanos(1), false);
		assertThat(this.scheduled).hasSize(1);
	}

	/** What a fake does, for all its methods. */
	private interface Behaviour {

		Object call(String method, Object[] arguments);

	}

}
