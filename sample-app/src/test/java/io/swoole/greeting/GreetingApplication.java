package io.swoole.greeting;

import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.PropertySource;

/**
 * The application that is tested.
 */
@SpringBootApplication
@PropertySource("classpath:greeting.properties")
class GreetingApplication {

}
