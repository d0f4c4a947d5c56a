package io.swoole.spring.observability;

import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.swoole.server.ServerStats;
import io.swoole.server.SwooleServer;

/**
 * The counters of the server as meters named {@code swoole.server.*}. They are read when
 * a registry asks; the server does nothing more for them.
 * <p>
 * Auto-configured; a bean of this type takes its place.
 */
public final class SwooleServerMetrics implements MeterBinder {

	private static final String PREFIX = "swoole.server.";

	private final Snapshots snapshots;

	/**
	 * Creates meters.
	 * @param server the server
	 */
	public SwooleServerMetrics(SwooleServer server) {
		this.snapshots = new Snapshots(server);
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		bindConnections(registry);
		bindPackets(registry);
		bindWorkers(registry);
		bindTasks(registry);
	}

	private void bindConnections(MeterRegistry registry) {
		gauge(registry, "connections", "Connections now", ServerStats::connectionNum);
		gauge(registry, "connections.paused", "Connections that wait for room in the task queue now",
				ServerStats::pausedConnectionNum);
		counter(registry, "connections.accepted", "Connections accepted, with TLS before the handshake",
				ServerStats::acceptCount);
		counter(registry, "connections.closed", "Connections that have ended", ServerStats::closeCount);
		counter(registry, "connections.aborted", "Connections refused, or broken off before they were established",
				ServerStats::abortCount);
		counter(registry, "connections.refused.coroutines", "Connections closed because of max-coroutine",
				ServerStats::coroutineRefusalCount);
		counter(registry, "connections.buffer.full",
				"How many times pending output of a connection has reached buffer-high-watermark",
				ServerStats::bufferFullCount);
		bytes(registry, "received", ServerStats::totalRecvBytes);
		bytes(registry, "sent", ServerStats::totalSendBytes);
	}

	private void bindPackets(MeterRegistry registry) {
		counter(registry, "packets.dispatched", "Packets handed to workers", ServerStats::dispatchCount);
		counter(registry, "packets.handled", "Packets whose handler has ended", ServerStats::requestCount);
		counter(registry, "packets.discarded", "Packets dropped unhandled", ServerStats::discardCount);
		counter(registry, "packets.unreadable", "Packets that were not what the handler expects",
				ServerStats::unreadablePacketCount);
		counter(registry, "datagrams.dropped", "Datagrams dropped because their worker did not keep up",
				ServerStats::packetDropCount);
		counter(registry, "responses", "Sends accepted", ServerStats::responseCount);
		counter(registry, "handler.errors", "Handlers that have thrown", ServerStats::handlerErrorCount);
		counter(registry, "handler.slow", "Handlers that have held a worker for too long",
				ServerStats::slowHandlerCount);
	}

	private void bindWorkers(MeterRegistry registry) {
		workers(registry, "workers", "Workers", "event", ServerStats::workerNum);
		workers(registry, "workers", "Workers", "task", ServerStats::taskWorkerNum);
		workers(registry, "workers.idle", "Workers that run nothing now", "event", ServerStats::idleWorkerNum);
		workers(registry, "workers.idle", "Workers that run nothing now", "task", ServerStats::taskIdleWorkerNum);
		gauge(registry, "workers.abandoned.threads", "Threads of workers that were given up and have not ended",
				ServerStats::abandonedThreadNum);
		gauge(registry, "coroutines", "Virtual threads that run callbacks now", ServerStats::coroutineNum);
	}

	private void bindTasks(MeterRegistry registry) {
		gauge(registry, "tasks.open", "Tasks accepted and not settled", ServerStats::openTaskNum);
		gauge(registry, "tasks.waiting", "Tasks that wait for a task worker", ServerStats::taskingNum);
		gauge(registry, "tasks.delayed", "Tasks that wait for their delay or next attempt",
				ServerStats::delayedTaskNum);
		gauge(registry, "tasks.dead.letters", "Dead letters now", ServerStats::deadLetterNum);
		counter(registry, "tasks.accepted", "Tasks accepted", ServerStats::taskCount);
		counter(registry, "tasks.rejected", "Tasks refused because the queue was full", ServerStats::taskRejectCount);
		counter(registry, "tasks.retried", "Attempts that failed and are followed by another",
				ServerStats::taskRetryCount);
		counter(registry, "tasks.failed", "Tasks that have failed for good", ServerStats::taskFailureCount);
		counter(registry, "tasks.slow", "Tasks that have taken too long", ServerStats::slowTaskCount);
		counter(registry, "tasks.pauses", "How many times connections had to wait for room in the task queue",
				ServerStats::taskPauseCount);
		counter(registry, "tasks.results.dropped", "Results nobody waited for", ServerStats::droppedResultCount);
		counter(registry, "tasks.dead.letters.dropped", "Dead letters dropped because there were too many",
				ServerStats::droppedDeadLetterCount);
	}

	private void gauge(MeterRegistry registry, String name, String description, ToDoubleFunction<ServerStats> value) {
		Gauge.builder(PREFIX + name, this.snapshots, (snapshots) -> snapshots.now(value))
			.description(description)
			.register(registry);
	}

	private void workers(MeterRegistry registry, String name, String description, String type,
			ToDoubleFunction<ServerStats> value) {
		Gauge.builder(PREFIX + name, this.snapshots, (snapshots) -> snapshots.now(value))
			.description(description)
			.tags(Tags.of("type", type))
			.register(registry);
	}

	private void counter(MeterRegistry registry, String name, String description, ToDoubleFunction<ServerStats> value) {
		FunctionCounter.builder(PREFIX + name, this.snapshots, (snapshots) -> snapshots.latest(value))
			.description(description)
			.register(registry);
	}

	private void bytes(MeterRegistry registry, String direction, ToDoubleFunction<ServerStats> value) {
		FunctionCounter.builder(PREFIX + "bytes." + direction, this.snapshots, (snapshots) -> snapshots.latest(value))
			.description("Bytes " + direction)
			.baseUnit(BaseUnits.BYTES)
			.register(registry);
	}

}
