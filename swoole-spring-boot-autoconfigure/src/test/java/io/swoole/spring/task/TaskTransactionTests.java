package io.swoole.spring.task;

import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

import io.swoole.server.InvalidOptionException;
import io.swoole.server.SwooleServer;
import io.swoole.server.TaskInterceptor.Deferred;
import io.swoole.server.TaskInterceptor.Submission;
import io.swoole.spring.annotation.OnFinish;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnTask;
import io.swoole.spring.autoconfigure.SwooleServerAutoConfiguration;
import io.swoole.task.TaskOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.SavepointManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;

/**
 * Tests of tasks that wait for a transaction.
 */
@ExtendWith(OutputCaptureExtension.class)
class TaskTransactionTests {

	private static final TaskOptions AFTER_COMMIT = TaskOptions.none().afterCommit();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SwooleServerAutoConfiguration.class))
		.withPropertyValues("swoole.server.port=0", "swoole.server.worker-num=1", "swoole.server.task-worker-num=1")
		.withUserConfiguration(Transactions.class)
		.withBean(Handlers.class)
		.withBean(TestTransactionManager.class);

	@Test
	void whenTransactionCommitsThenTaskIsDispatchedAndNotBefore() {
		run((application) -> {
			application.transaction().executeWithoutResult((status) -> {
				assertThat(application.server.task("first", AFTER_COMMIT)).isZero();
				assertThat(application.server.task("second", AFTER_COMMIT)).isEqualTo(1);
				application.awaitTask("now");
				assertThat(application.executed()).containsExactly("now");
				assertThat(application.server.stats().openTaskNum()).isEqualTo(2);
				application.manager.log.add("work");
			});
			application.awaitSettled();
			assertThat(application.executed()).containsExactly("now", "first", "second");
			assertThat(application.handlers.finished).contains("first", "second");
			assertThat(application.manager.log).containsExactly("begin", "work", "commit");
		});
	}

	@Test
	void whenTransactionIsRolledBackThenTaskIsDropped() {
		run((application) -> {
			application.transaction().executeWithoutResult((status) -> {
				application.server.task("never", AFTER_COMMIT);
				application.server.task("at once");
				status.setRollbackOnly();
			});
			assertThatIllegalStateException()
				.isThrownBy(() -> application.transaction().executeWithoutResult((status) -> {
					application.server.task("never", AFTER_COMMIT);
					throw new IllegalStateException("as asked");
				}));
			application.awaitSettled();
			application.awaitTask("now");
			assertThat(application.executed()).containsExactly("at once", "now");
		});
	}

	@Test
	void whenCommitFailsThenTaskIsDropped(CapturedOutput output) {
		run((application) -> {
			application.manager.failure = new TransactionSystemException("no commit");
			assertThatExceptionOfType(TransactionSystemException.class).isThrownBy(() -> application.transaction()
				.executeWithoutResult((status) -> application.server.task("never", AFTER_COMMIT)));
			application.awaitSettled();
			application.awaitTask("now");
			assertThat(application.executed()).containsExactly("now");
			assertThat(output).contains("Task 0 is dropped: it is not known whether the transaction");
		});
	}

	@Test
	void whenThereIsNoTransactionThenTaskIsDispatchedAtOnce() {
		run((application) -> {
			application.server.task("plain", AFTER_COMMIT);
			application.awaitSettled();
			TransactionTemplate none = new TransactionTemplate(application.manager);
			none.setPropagationBehavior(TransactionDefinition.PROPAGATION_SUPPORTS);
			none.executeWithoutResult((status) -> {
				application.server.task("supported", AFTER_COMMIT);
				application.awaitSettled();
			});
			assertThat(application.executed()).containsExactly("plain", "supported");
		});
	}

	@Test
	void whenTransactionIsInsideAnotherThenTheInnerOneCounts() {
		run((application) -> {
			TransactionTemplate inner = new TransactionTemplate(application.manager);
			inner.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
			application.transaction().executeWithoutResult((outer) -> {
				application.server.task("outer", AFTER_COMMIT);
				inner.executeWithoutResult((status) -> application.server.task("inner", AFTER_COMMIT));
				application.awaitTask("now");
				outer.setRollbackOnly();
			});
			application.awaitSettled();
			assertThat(application.executed()).containsExactly("inner", "now");
		});
	}

	/** Such a transaction ends with the outer one, unless it is rolled back before. */
	@Test
	void whenNestedTransactionIsRolledBackThenOnlyItsTasksAreDropped() {
		run((application) -> {
			application.transaction().executeWithoutResult((status) -> {
				application.nested().executeWithoutResult((nested) -> {
					application.server.task("first in vain", AFTER_COMMIT);
					nested.setRollbackOnly();
				});
				application.server.task("outer", AFTER_COMMIT);
				assertThatIllegalStateException()
					.isThrownBy(() -> application.nested().executeWithoutResult((nested) -> {
						application.server.task("in vain", AFTER_COMMIT);
						application.nested()
							.executeWithoutResult((inner) -> application.server.task("inner in vain", AFTER_COMMIT));
						throw new IllegalStateException("as asked");
					}));
				application.nested().executeWithoutResult((nested) -> application.server.task("nested", AFTER_COMMIT));
				application.awaitTask("now");
				assertThat(application.executed()).containsExactly("now");
			});
			application.awaitSettled();
			assertThat(application.executed()).containsExactly("now", "outer", "nested");
			assertThat(application.manager.log).containsExactly("begin", "rollback to 1", "rollback to 2", "commit");
		});
	}

	@Test
	void whenTransactionReturnsToSavepointThenTasksSinceThenAreDropped() {
		run((application) -> {
			application.transaction().executeWithoutResult((status) -> {
				application.server.task("before", AFTER_COMMIT);
				Object first = status.createSavepoint();
				application.server.task("between", AFTER_COMMIT);
				Object second = status.createSavepoint();
				application.server.task("after", AFTER_COMMIT);
				status.rollbackToSavepoint(second);
				application.server.task("again", AFTER_COMMIT);
				status.rollbackToSavepoint(first);
				application.server.task("last", AFTER_COMMIT);
			});
			application.awaitSettled();
			assertThat(application.executed()).containsExactly("before", "last");
		});
	}

	@Test
	void whenOuterTransactionIsRolledBackThenTasksOfNestedOneAreDropped() {
		run((application) -> {
			application.transaction().executeWithoutResult((status) -> {
				application.nested().executeWithoutResult((nested) -> application.server.task("never", AFTER_COMMIT));
				status.setRollbackOnly();
			});
			application.awaitSettled();
			application.awaitTask("now");
			assertThat(application.executed()).containsExactly("now");
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenOneTaskCannotBeToldThenOthersAre(boolean commits, CapturedOutput output) {
		AfterCommitTaskInterceptor interceptor = new AfterCommitTaskInterceptor(false);
		Deferred failing = mock(Deferred.class, (invocation) -> {
			throw new StackOverflowError("as asked");
		});
		Deferred other = mock(Deferred.class);
		new TransactionTemplate(new TestTransactionManager()).executeWithoutResult((status) -> {
			interceptor.onSubmit(submission(7, failing));
			interceptor.onSubmit(submission(8, other));
			if (!commits) {
				status.setRollbackOnly();
			}
		});
		Deferred told = then(other).should();
		if (commits) {
			told.dispatch();
		}
		else {
			told.drop();
		}
		assertThat(output).contains("Task 7 could not be told how its transaction has ended");
	}

	@Test
	void whenAllTasksAreToWaitThenThoseDoThatNobodyWaitsFor() {
		this.contextRunner.withPropertyValues("swoole.server.task-after-commit=true").run((context) -> {
			Application application = new Application(context.getBean(SwooleServer.class),
					context.getBean(Handlers.class), context.getBean(TestTransactionManager.class));
			application.transaction().executeWithoutResult((status) -> {
				application.server.task("plain");
				application.server.task("callback",
						(server, taskId, result) -> application.handlers.finished.add("callback " + result));
				application.awaitTask("waited for");
				assertThat(application.executed()).containsExactly("waited for");
			});
			application.awaitSettled();
			assertThat(application.executed()).containsExactly("waited for", "plain", "callback");
			assertThat(application.handlers.finished).containsExactly("plain", "callback callback");
		});
	}

	@Test
	void whenHandlerIsTransactionalThenItsTasksWaitForItsCommit() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(SwooleServerAutoConfiguration.class))
			.withPropertyValues("swoole.server.port=0", "swoole.server.worker-num=1", "swoole.server.task-worker-num=1")
			.withUserConfiguration(Transactions.class)
			.withBean(TestTransactionManager.class)
			.withBean(TransactionalHandlers.class)
			.run((context) -> {
				TestTransactionManager manager = context.getBean(TestTransactionManager.class);
				int port = context.getBean(SwooleServer.class).getAddress().getPort();
				try (Socket client = new Socket("127.0.0.1", port)) {
					client.setSoTimeout(20_000);
					client.getOutputStream().write('x');
					assertThat(client.getInputStream().readNBytes(3)).isEqualTo("yes".getBytes(StandardCharsets.UTF_8));
				}
				assertThat(manager.log).containsExactly("begin", "received", "commit", "task");
			});
	}

	@Test
	void whenTransactionSupportIsMissingThenOptionIsRefused() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.springframework.transaction.support"))
			.run((context) -> {
				SwooleServer server = context.getBean(SwooleServer.class);
				assertThatIllegalStateException().isThrownBy(() -> server.task("x", AFTER_COMMIT))
					.withMessageContaining("spring-tx");
			});
	}

	@Test
	void whenTransactionSupportIsMissingThenPropertyIsRefused() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(SwooleServerAutoConfiguration.class))
			.withClassLoader(new FilteredClassLoader("org.springframework.transaction"))
			.withPropertyValues("swoole.server.port=0", "swoole.server.task-after-commit=true")
			.withBean(Handlers.class)
			.run((context) -> assertThat(context.getStartupFailure()).rootCause()
				.isInstanceOf(InvalidOptionException.class)
				.hasMessageContaining("task-after-commit")
				.hasMessageContaining("spring-tx"));
	}

	private static Submission submission(long taskId, Deferred deferred) {
		Submission submission = mock(Submission.class);
		given(submission.taskId()).willReturn(taskId);
		given(submission.options()).willReturn(AFTER_COMMIT);
		given(submission.defer()).willReturn(deferred);
		return submission;
	}

	private void run(Consumer<Application> test) {
		this.contextRunner.run((context) -> test.accept(new Application(context.getBean(SwooleServer.class),
				context.getBean(Handlers.class), context.getBean(TestTransactionManager.class))));
	}

	private record Application(SwooleServer server, Handlers handlers, TestTransactionManager manager) {

		TransactionTemplate transaction() {
			return new TransactionTemplate(this.manager);
		}

		TransactionTemplate nested() {
			TransactionTemplate nested = new TransactionTemplate(this.manager);
			nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
			return nested;
		}

		Queue<String> executed() {
			return this.handlers.executed;
		}

		void awaitTask(String data) {
			assertThat(this.server.<String>taskWait(data, Duration.ofSeconds(20))).isEqualTo(data);
		}

		void awaitSettled() {
			await().until(() -> this.server.stats().openTaskNum() == 0);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableTransactionManagement(proxyTargetClass = true)
	static class Transactions {

	}

	static class Handlers {

		final Queue<String> executed = new ConcurrentLinkedQueue<>();

		final Queue<String> finished = new ConcurrentLinkedQueue<>();

		@OnReceive
		void receive(String data) {
		}

		@OnTask
		String task(String data) {
			this.executed.add(data);
			return data;
		}

		@OnFinish
		void finish(String result) {
			this.finished.add(result);
		}

	}

	static class TransactionalHandlers {

		private final @Nullable TestTransactionManager manager;

		@SuppressWarnings("unused") // by the proxy
		TransactionalHandlers() {
			this.manager = null;
		}

		@Autowired
		TransactionalHandlers(TestTransactionManager manager) {
			this.manager = manager;
		}

		@OnReceive
		@Transactional
		public void receive(SwooleServer server, long fd, String data) {
			server.task(fd, AFTER_COMMIT);
			log("received");
		}

		@OnTask
		public long task(Long fd) {
			log("task");
			return fd;
		}

		@OnFinish
		public void finish(SwooleServer server, Long fd) {
			server.send(fd, "yes");
		}

		private void log(String line) {
			Objects.requireNonNull(this.manager).log.add(line);
		}

	}

	/**
	 * Remembers what it is told to do.
	 */
	static class TestTransactionManager extends AbstractPlatformTransactionManager {

		private static final long serialVersionUID = 1L;

		final transient Queue<String> log = new ConcurrentLinkedQueue<>();

		private final transient ThreadLocal<@Nullable Object> current = new ThreadLocal<>();

		transient @Nullable RuntimeException failure;

		TestTransactionManager() {
			setNestedTransactionAllowed(true);
		}

		@Override
		protected Object doGetTransaction() {
			Object transaction = this.current.get();
			return (transaction != null) ? transaction : new TestTransaction(this.log);
		}

		@Override
		protected boolean isExistingTransaction(Object transaction) {
			return this.current.get() == transaction;
		}

		@Override
		protected void doBegin(Object transaction, TransactionDefinition definition) {
			this.log.add("begin");
			this.current.set(transaction);
		}

		@Override
		protected Object doSuspend(Object transaction) {
			this.current.remove();
			return transaction;
		}

		@Override
		protected void doResume(@Nullable Object transaction, Object suspended) {
			this.current.set(suspended);
		}

		@Override
		protected void doCommit(DefaultTransactionStatus status) {
			if (this.failure != null) {
				throw this.failure;
			}
			this.log.add("commit");
		}

		@Override
		protected void doRollback(DefaultTransactionStatus status) {
			this.log.add("rollback");
		}

		@Override
		protected void doSetRollbackOnly(DefaultTransactionStatus status) {
		}

		@Override
		protected void doCleanupAfterCompletion(Object transaction) {
			this.current.remove();
		}

	}

	private static final class TestTransaction implements SavepointManager {

		private final Queue<String> log;

		private int savepoints;

		TestTransaction(Queue<String> log) {
			this.log = log;
		}

		@Override
		public Object createSavepoint() {
			return new StringBuilder().append(++this.savepoints);
		}

		@Override
		public void rollbackToSavepoint(Object savepoint) {
			this.log.add("rollback to " + savepoint);
		}

		@Override
		public void releaseSavepoint(Object savepoint) {
		}

	}

}
