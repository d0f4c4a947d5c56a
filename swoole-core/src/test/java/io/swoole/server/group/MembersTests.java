package io.swoole.server.group;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link Members}.
 */
class MembersTests {

	private final Members<String> members = new Members<>();

	@Test
	void whenMembersEnterAndLeaveThenTheOthersAreFound() {
		assertThat(this.members).isEmpty();
		int one = this.members.enter("one");
		int two = this.members.enter("two");
		int three = this.members.enter("three");
		assertThat(found()).containsExactlyInAnyOrder("one", "two", "three");
		this.members.leave(two);
		assertThat(found()).containsExactlyInAnyOrder("one", "three");
		this.members.leave(one);
		this.members.leave(three);
		assertThat(found()).isEmpty();
		this.members.enter("four");
		assertThat(found()).containsExactly("four");
	}

	@Test
	void whenPlacesAreFreeThenAreTakenBeforeNewOnes() {
		List<Integer> places = new ArrayList<>();
		for (int i = 0; i < 100; i++) {
			places.add(this.members.enter("m" + i));
		}
		assertThat(places).doesNotHaveDuplicates();
		places.forEach(this.members::leave);
		List<Integer> again = new ArrayList<>();
		for (int i = 0; i < 100; i++) {
			again.add(this.members.enter("n" + i));
		}
		assertThat(again).containsExactlyInAnyOrderElementsOf(places);
		assertThat(found()).hasSize(100).allMatch((name) -> name.startsWith("n"));
	}

	@Test
	void whenThereAreNoMoreThenIteratorEnds() {
		this.members.leave(this.members.enter("gone"));
		Iterator<String> iterator = this.members.iterator();
		assertThat(iterator.hasNext()).isFalse();
		assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(iterator::next);
	}

	@Test
	void whenOthersComeAndGoThenNoneThatStaysIsMissed() throws Exception {
		List<Integer> first = new ArrayList<>();
		List<String> staying = new ArrayList<>();
		for (int i = 0; i < 50; i++) {
			first.add(this.members.enter("first" + i));
			staying.add("staying" + i);
			this.members.enter("staying" + i);
		}
		AtomicBoolean done = new AtomicBoolean();
		ExecutorService threads = Executors.newFixedThreadPool(2);
		try {
			List<Future<?>> others = new ArrayList<>();
			others.add(threads.submit(() -> {
				first.forEach(this.members::leave);
				comeAndGo(done);
			}));
			others.add(threads.submit(() -> comeAndGo(done)));
			for (int i = 0; i < 3000; i++) {
				assertThat(found()).containsAll(staying);
			}
			done.set(true);
			for (Future<?> other : others) {
				other.get();
			}
		}
		finally {
			done.set(true);
			threads.shutdownNow();
		}
		assertThat(found()).containsExactlyInAnyOrderElementsOf(staying);
	}

	private void comeAndGo(AtomicBoolean done) {
		while (!done.get()) {
			List<Integer> places = new ArrayList<>();
			for (int i = 0; i < 500; i++) {
				places.add(this.members.enter("other"));
			}
			places.forEach(this.members::leave);
		}
	}

	private List<String> found() {
		List<String> names = new ArrayList<>();
		this.members.forEach(names::add);
		assertThat(this.members.size()).isNotNegative();
		return names;
	}

}
