package io.swoole.benchmarks.contender;

import io.swoole.benchmarks.StartUp;
import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.OnFinish;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnTask;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * The application of the first page, started and ended at once.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class SampleStart {

	/**
	 * Starts the application and ends it.
	 * @param arguments properties
	 */
	public static void main(String[] arguments) {
		System.setProperty("swoole.server.task-worker-num", "4");
		ConfigurableApplicationContext context = new SpringApplication(SampleStart.class, AsyncTasks.class)
			.run(arguments);
		System.out.println(StartUp.STARTED);
		context.close();
	}

	/**
	 * The handlers of the first page.
	 */
	static class AsyncTasks {

		@OnReceive
		void receive(SwooleServer server, long fd, int reactorId, String data) {
			server.task(data);
		}

		@OnTask
		void task(SwooleServer server, long taskId, int srcWorkerId, String data) {
			server.finish(data + " -> OK");
		}

		@OnFinish
		void finish(SwooleServer server, long taskId, String data) {
			System.out.println("AsyncTask[" + taskId + "] Finish: " + data);
		}

	}

}
