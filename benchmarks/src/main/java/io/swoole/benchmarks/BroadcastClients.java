package io.swoole.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * Connections that read. Prints a line when all are connected, and one whenever each of
 * them could have received one more message.
 */
public final class BroadcastClients {

	private BroadcastClients() {
	}

	/**
	 * Runs until the server ends.
	 * @param arguments port, number of connections, bytes per message
	 * @throws IOException if a connection breaks
	 */
	public static void main(String[] arguments) throws IOException {
		int port = Integer.parseInt(arguments[0]);
		int count = Integer.parseInt(arguments[1]);
		long message = Long.parseLong(arguments[2]) * count;
		try (Selector selector = Selector.open()) {
			for (int i = 0; i < count; i++) {
				SocketChannel channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
				channel.configureBlocking(false);
				channel.register(selector, SelectionKey.OP_READ);
			}
			System.out.println("connected");
			ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
			long received = 0;
			while (true) {
				selector.select();
				for (SelectionKey key : selector.selectedKeys()) {
					int read = ((SocketChannel) key.channel()).read(buffer.clear());
					if (read < 0) {
						return;
					}
					received += read;
				}
				selector.selectedKeys().clear();
				while (received >= message) {
					received -= message;
					System.out.println("received");
				}
			}
		}
	}

}
