package io.swoole.benchmarks.contender;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * Very many clients that only listen. Tells when all are connected, and each time when
 * all have received the same number of bytes again.
 */
public final class BroadcastClients {

	/** Is printed when all are connected. */
	public static final String CONNECTED = "connected";

	/** Is printed when all have received a broadcast. */
	public static final String RECEIVED = "received";

	private BroadcastClients() {
	}

	/**
	 * Runs the clients.
	 * @param arguments the port, the number of clients and the size of a broadcast
	 * @throws IOException if a connection breaks
	 */
	public static void main(String[] arguments) throws IOException {
		InetSocketAddress server = new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0]));
		int clients = Integer.parseInt(arguments[1]);
		long round = (long) clients * Integer.parseInt(arguments[2]);
		try (Selector selector = Selector.open()) {
			for (int i = 0; i < clients; i++) {
				SocketChannel channel = SocketChannel.open(server);
				channel.configureBlocking(false);
				channel.register(selector, SelectionKey.OP_READ);
			}
			System.out.println(CONNECTED);
			ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
			long received = 0;
			while (true) {
				received += receive(selector, buffer);
				while (received >= round) {
					received -= round;
					System.out.println(RECEIVED);
				}
			}
		}
	}

	private static long receive(Selector selector, ByteBuffer buffer) throws IOException {
		long received = 0;
		selector.select();
		for (SelectionKey key : selector.selectedKeys()) {
			buffer.clear();
			int read = ((SocketChannel) key.channel()).read(buffer);
			if (read < 0) {
				throw new IOException("The server has closed a connection");
			}
			received += read;
		}
		selector.selectedKeys().clear();
		return received;
	}

}
