package io.swoole.benchmarks.contender;

import io.netty.buffer.ByteBuf;
import io.swoole.server.SwooleServer;
import io.swoole.spring.annotation.OnFinish;
import io.swoole.spring.annotation.OnReceive;
import io.swoole.spring.annotation.OnTask;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;

/**
 * This project as an annotated Spring Boot application, default settings.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class SwooleSpringApplication {

	/**
	 * Starts the application.
	 * @param arguments port and kind of work
	 */
	public static void main(String[] arguments) {
		Work work = Work.of(arguments);
		Class<?> handlers = work.tasks() ? TaskHandlers.class : EchoHandlers.class;
		new SpringApplication(SwooleSpringApplication.class, handlers).run("--swoole.server.port=" + work.port(),
				"--swoole.server.open-eof-split=true",
				"--swoole.server.task-worker-num=" + (work.tasks() ? Work.TASK_THREADS : 0),
				"--spring.main.web-application-type=none", "--spring.main.banner-mode=off");
	}

	/**
	 * Answers at once.
	 */
	static class EchoHandlers {

		private final byte[] answer = Work.answer();

		@OnReceive
		byte[] receive(ByteBuf packet) {
			return this.answer;
		}

	}

	/**
	 * Answers after a task.
	 */
	static class TaskHandlers {

		private final byte[] answer = Work.answer();

		@OnReceive
		void receive(SwooleServer server, long fd, ByteBuf packet) {
			server.task(new Job(fd, this.answer));
		}

		@OnTask
		Job task(Job job) {
			return job;
		}

		@OnFinish
		void finish(SwooleServer server, Job job) {
			server.send(job.fd(), job.answer());
		}

	}

	private record Job(long fd, byte[] answer) {

	}

}
