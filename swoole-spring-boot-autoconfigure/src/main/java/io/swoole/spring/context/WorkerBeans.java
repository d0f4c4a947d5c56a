package io.swoole.spring.context;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.ObjectFactory;

/**
 * The instances one worker has of the beans of its scope, for one of its lives.
 */
final class WorkerBeans {

	private static final Logger logger = LoggerFactory.getLogger(WorkerBeans.class);

	private final Map<String, Object> instances = new ConcurrentHashMap<>();

	private final Map<String, Runnable> callbacks = new ConcurrentHashMap<>();

	private final List<String> created = new ArrayList<>();

	/** Reentrant, as an instance may need another one. */
	private final ReentrantLock lock = new ReentrantLock();

	Object get(String name, ObjectFactory<?> factory) {
		Object instance = this.instances.get(name);
		return (instance != null) ? instance : create(name, factory);
	}

	private Object create(String name, ObjectFactory<?> factory) {
		this.lock.lock();
		try {
			Object instance = this.instances.get(name);
			if (instance == null) {
				instance = factory.getObject();
				this.instances.put(name, instance);
				this.created.add(name);
			}
			return instance;
		}
		finally {
			this.lock.unlock();
		}
	}

	@Nullable Object remove(String name) {
		this.callbacks.remove(name);
		return this.instances.remove(name);
	}

	void onDestruction(String name, Runnable callback) {
		this.callbacks.put(name, callback);
	}

	/** Destroys all instances, the youngest first. */
	void destroy() {
		List<String> names;
		this.lock.lock();
		try {
			names = new ArrayList<>(this.created);
			this.created.clear();
			this.instances.clear();
		}
		finally {
			this.lock.unlock();
		}
		Collections.reverse(names);
		for (String name : names) {
			Runnable callback = this.callbacks.remove(name);
			if (callback != null) {
				destroy(name, callback);
			}
		}
	}

	private static void destroy(String name, Runnable callback) {
		try {
			callback.run();
		}
		catch (Throwable ex) {
			logger.warn("Bean '{}' of a worker cannot be destroyed", name, ex);
		}
	}

}
