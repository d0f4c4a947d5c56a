package io.swoole.sample;

import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.OnFinish;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnTask;

import org.springframework.stereotype.Component;

// @formatter:off
@Component
class AsyncTasks {

	// runs in an event worker: dispatch and go on at once
	@OnReceive
	void receive(SwooleServer server, long fd, int reactorId, String data) {
		long taskId = server.task(data);
		System.out.println("Dispatch AsyncTask: id=" + taskId);
	}

	// runs in a task worker: may take its time
	@OnTask
	void task(SwooleServer server, long taskId, int srcWorkerId, String data) {
		System.out.println("New AsyncTask[id=" + taskId + "]");
		server.finish(data + " -> OK");              // or: return data + " -> OK";
	}

	// runs in the event worker that dispatched the task
	@OnFinish
	void finish(SwooleServer server, long taskId, String data) {
		System.out.println("AsyncTask[" + taskId + "] Finish: " + data);
	}
}
