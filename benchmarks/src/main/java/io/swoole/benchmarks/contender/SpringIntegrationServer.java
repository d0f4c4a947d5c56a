package io.swoole.benchmarks.contender;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.config.EnableIntegration;
import org.springframework.integration.ip.IpHeaders;
import org.springframework.integration.ip.tcp.connection.TcpConnection;
import org.springframework.integration.ip.tcp.connection.TcpNioServerConnectionFactory;
import org.springframework.integration.ip.tcp.connection.TcpSender;
import org.springframework.integration.ip.tcp.serializer.AbstractByteArraySerializer;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.GenericMessage;

/**
 * Spring Integration: a {@code TcpNioServerConnectionFactory} with an executor.
 */
public final class SpringIntegrationServer {

	private static final int SEND_BUFFER = 65536;

	private SpringIntegrationServer() {
	}

	/**
	 * Starts the server.
	 * @param arguments port and kind of work
	 */
	public static void main(String[] arguments) {
		Work work = Work.of(arguments);
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		context.registerBean(IntegrationConfiguration.class);
		context.registerBean(TcpNioServerConnectionFactory.class, () -> connectionFactory(work));
		context.refresh();
		context.getBean(TcpNioServerConnectionFactory.class).start();
	}

	private static TcpNioServerConnectionFactory connectionFactory(Work work) {
		ExecutorService pool = Executors.newFixedThreadPool(Work.TASK_THREADS);
		Map<String, TcpConnection> connections = new ConcurrentHashMap<>();
		Message<byte[]> answer = new GenericMessage<>(Work.answer());
		TcpNioServerConnectionFactory factory = new TcpNioServerConnectionFactory(work.port());
		factory.setLocalAddress(Work.HOST);
		factory.setSoTcpNoDelay(true);
		factory.setBacklog(1024);
		// a connection keeps a buffer of this size, by default 2 MB and more on Linux
		factory.setSoSendBufferSize(SEND_BUFFER);
		factory.setTaskExecutor(Executors.newCachedThreadPool());
		factory.setDeserializer(new EmptyLine());
		factory.setSerializer(new EmptyLine());
		factory.registerSender(new TcpSender() {
			@Override
			public void addNewConnection(TcpConnection connection) {
				connections.put(connection.getConnectionId(), connection);
			}

			@Override
			public void removeDeadConnection(TcpConnection connection) {
				connections.remove(connection.getConnectionId());
			}
		});
		factory.registerListener((message) -> {
			TcpConnection connection = connections
				.get(String.valueOf(message.getHeaders().get(IpHeaders.CONNECTION_ID)));
			if (connection != null) {
				if (work.tasks()) {
					pool.execute(() -> connection.send(answer));
				}
				else {
					connection.send(answer);
				}
			}
		});
		return factory;
	}

	/**
	 * Brings what Spring Integration needs in its context.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableIntegration
	static class IntegrationConfiguration {

	}

	/**
	 * A packet ends with an empty line; answers are written as they are.
	 */
	private static final class EmptyLine extends AbstractByteArraySerializer {

		@Override
		public byte[] deserialize(InputStream in) throws IOException {
			ByteArrayOutputStream packet = new ByteArrayOutputStream(128);
			int matched = 0;
			while (matched < Work.TERMINATOR.length()) {
				int next = in.read();
				checkClosure(next);
				packet.write(next);
				matched = (next == Work.TERMINATOR.charAt(matched)) ? matched + 1 : (next == '\r') ? 1 : 0;
			}
			return packet.toByteArray();
		}

		@Override
		public void serialize(byte[] answer, OutputStream out) throws IOException {
			out.write(answer);
		}

	}

}
