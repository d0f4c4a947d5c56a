package io.swoole.spring.context;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.WorkerScope;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ObjectFactory;
import org.springframework.beans.factory.config.Scope;

/**
 * The scope {@link WorkerScope#NAME}: an instance per worker, for one of its lives.
 * Infrastructure, nothing for applications to use.
 */
public final class WorkerBeanScope implements Scope, DisposableBean {

	private final Supplier<SwooleServer> server;

	/** What workers have, from before their first callback to after the last one. */
	private final Map<Integer, WorkerBeans> workers = new ConcurrentHashMap<>();

	/**
	 * Creates a scope.
	 * @param server finds the server, when the scope is first used
	 */
	public WorkerBeanScope(Supplier<SwooleServer> server) {
		this.server = server;
	}

	@Override
	public Object get(String name, ObjectFactory<?> objectFactory) {
		return current(name).get(name, objectFactory);
	}

	@Override
	public @Nullable Object remove(String name) {
		return current(name).remove(name);
	}

	@Override
	public void registerDestructionCallback(String name, Runnable callback) {
		current(name).onDestruction(name, callback);
	}

	@Override
	public @Nullable Object resolveContextualObject(String key) {
		return null;
	}

	@Override
	public @Nullable String getConversationId() {
		int id = this.server.get().getWorkerId();
		return this.workers.containsKey(id) ? "worker " + id : null;
	}

	private WorkerBeans current(String name) {
		// processes have ids, too, but no lives that end with a reload
		WorkerBeans beans = this.workers.get(this.server.get().getWorkerId());
		if (beans == null) {
			String bean = ScopedProxyUtils.isScopedTarget(name) ? ScopedProxyUtils.getOriginalBeanName(name) : name;
			throw new IllegalStateException(("Every worker has a bean '%s' of its own, as it has the scope '%s', but"
					+ " thread '%s' is no worker: call it in a handler, a timer or a task")
				.formatted(bean, WorkerScope.NAME, Thread.currentThread().getName()));
		}
		return beans;
	}

	/**
	 * Runs the first callback of a life of a worker, which gets new instances. Those of
	 * its life before are destroyed afterwards, or kept if the callback fails; in that
	 * worker.
	 * @param workerId the worker
	 * @param callback the callback
	 * @param <X> what it may throw
	 * @throws X what it has thrown
	 */
	public <X extends Exception> void startWorker(int workerId, WorkerCallback<X> callback) throws X {
		WorkerBeans before = this.workers.put(workerId, new WorkerBeans());
		boolean started = false;
		try {
			callback.run();
			started = true;
		}
		finally {
			if (started) {
				destroy(before);
			}
			else {
				destroy((before != null) ? this.workers.put(workerId, before) : this.workers.remove(workerId));
			}
		}
	}

	/**
	 * Runs the last callback of a life of a worker; in that worker.
	 * @param workerId the worker
	 * @param callback the callback
	 * @param <X> what it may throw
	 * @throws X what it has thrown
	 */
	public <X extends Exception> void stopWorker(int workerId, WorkerCallback<X> callback) throws X {
		try {
			callback.run();
		}
		finally {
			// a worker that begins anew keeps its instances until it has
			if (!this.server.get().isRunning()) {
				destroy(this.workers.get(workerId));
				// and what those have used meanwhile
				destroy(this.workers.remove(workerId));
			}
		}
	}

	private static void destroy(@Nullable WorkerBeans beans) {
		if (beans != null) {
			beans.destroy();
		}
	}

	@Override
	public void destroy() {
		this.workers.values().forEach(WorkerBeans::destroy);
		this.workers.clear();
	}

	/**
	 * A callback of a worker.
	 *
	 * @param <X> what it may throw
	 */
	@FunctionalInterface
	public interface WorkerCallback<X extends Exception> {

		/**
		 * Runs the callback.
		 * @throws X what it throws
		 */
		void run() throws X;

	}

}
