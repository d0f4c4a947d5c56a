package io.swoole.testing;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Remembers what is logged until it is closed.
 */
public final class LogCapture implements AutoCloseable {

	private final Logger logger;

	private final @Nullable Level level;

	private final Memory memory = new Memory();

	private LogCapture(Logger logger) {
		this.logger = logger;
		this.level = logger.getLevel();
		this.memory.start();
		logger.addAppender(this.memory);
	}

	/** Captures a logger and those below it. */
	public static LogCapture of(String name) {
		return new LogCapture((Logger) LoggerFactory.getLogger(name));
	}

	/** Captures a logger and those below it, down to a level. */
	public static LogCapture of(String name, Level level) {
		LogCapture capture = of(name);
		capture.logger.setLevel(level);
		return capture;
	}

	/** The messages of one level so far. */
	public List<String> messages(Level level) {
		return this.memory.events.stream()
			.filter((event) -> event.getLevel() == level)
			.map(ILoggingEvent::getFormattedMessage)
			.toList();
	}

	/** The stack traces logged so far, one line per frame. */
	public List<String> stackTraces() {
		return this.memory.events.stream()
			.map(ILoggingEvent::getThrowableProxy)
			.filter(Objects::nonNull)
			.map(ThrowableProxyUtil::asString)
			.toList();
	}

	@Override
	public void close() {
		this.logger.detachAppender(this.memory);
		this.logger.setLevel(this.level);
	}

	private static final class Memory extends AppenderBase<ILoggingEvent> {

		private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();

		@Override
		protected void append(ILoggingEvent event) {
			this.events.add(event);
		}

	}

}
