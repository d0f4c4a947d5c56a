package io.swoole.server.group;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;

import io.swoole.server.Connection;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Groups}.
 */
class GroupsTests {

	private final Groups<String, Connection> groups = new Groups<>();

	private final AtomicBoolean open = new AtomicBoolean(true);

	@Test
	void whenMembersLeaveThenGroupIsGoneWithTheLast() {
		Connection one = connection(this.open);
		Connection other = connection(this.open);
		assertThat(this.groups.join("room", one)).isTrue();
		assertThat(this.groups.join("room", one)).isTrue();
		assertThat(this.groups.join("room", other)).isTrue();
		assertThat(this.groups.members("room")).containsExactlyInAnyOrder(one, other);
		this.groups.leave("room", one);
		this.groups.leave("hall", one);
		assertThat(this.groups.members("room")).containsExactly(other);
		this.groups.leave("room", other);
		assertThat(this.groups.members("room")).isEmpty();
		assertThat(this.groups.size()).isZero();
	}

	@Test
	void whenConnectionEndsThenLeavesAll() {
		Connection one = connection(this.open);
		Connection other = connection(new AtomicBoolean(true));
		for (int i = 0; i < 10; i++) {
			this.groups.join("room" + i, one);
		}
		this.groups.join("room3", other);
		this.open.set(false);
		this.groups.leaveAll(one);
		assertThat(this.groups.size()).isOne();
		assertThat(this.groups.members("room3")).containsExactly(other);
	}

	@Test
	void whenConnectionHasEndedThenCannotJoin() {
		this.open.set(false);
		assertThat(this.groups.join("room", connection(this.open))).isFalse();
		assertThat(this.groups.size()).isZero();
	}

	/** A connection that ends while it joins must not stay in a group for ever. */
	@Test
	void whenConnectionsJoinAndEndAtOnceThenNothingIsLeft() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(4);
		try {
			for (int round = 0; round < 300; round++) {
				AtomicBoolean state = new AtomicBoolean(true);
				Connection connection = connection(state);
				List<Callable<Void>> work = new ArrayList<>();
				for (int i = 0; i < 3; i++) {
					work.add(() -> {
						for (int j = 0; j < 20; j++) {
							String room = "room" + ThreadLocalRandom.current().nextInt(4);
							this.groups.join(room, connection);
							if (j % 3 == 0) {
								this.groups.leave(room, connection);
							}
						}
						return null;
					});
				}
				work.add(() -> {
					state.set(false);
					this.groups.leaveAll(connection);
					return null;
				});
				for (Future<Void> result : threads.invokeAll(work)) {
					result.get();
				}
				assertThat(this.groups.size()).isZero();
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	private static Connection connection(AtomicBoolean open) {
		return (Connection) Proxy.newProxyInstance(GroupsTests.class.getClassLoader(),
				new Class<?>[] { Connection.class }, (proxy, method, arguments) -> switch (method.getName()) {
					case "isOpen" -> open.get();
					case "equals" -> proxy == arguments[0];
					case "hashCode" -> System.identityHashCode(proxy);
					default -> "connection";
				});
	}

}
