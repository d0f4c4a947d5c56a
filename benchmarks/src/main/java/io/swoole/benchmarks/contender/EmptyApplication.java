package io.swoole.benchmarks.contender;

import io.swoole.benchmarks.StartUp;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * A Spring Boot application with nothing in it, to compare the time of its start with.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class EmptyApplication {

	/**
	 * Starts the application and ends it.
	 * @param arguments properties
	 */
	public static void main(String[] arguments) {
		ConfigurableApplicationContext context = SpringApplication.run(EmptyApplication.class, arguments);
		System.out.println(StartUp.STARTED);
		context.close();
	}

}
