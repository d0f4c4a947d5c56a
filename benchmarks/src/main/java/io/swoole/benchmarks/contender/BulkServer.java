package io.swoole.benchmarks.contender;

import java.time.Duration;

import io.netty.buffer.ByteBuf;
import io.swoole.server.Connection;
import io.swoole.server.ServerHandler;
import io.swoole.server.ServerOptions;
import io.swoole.server.SwooleServer;
import io.swoole.server.SwooleServers;

/**
 * This project with an answer that does not fit: {@code GET /bulk} asks for 200 MB in
 * pieces of 1 MB, everything else is answered at once. A piece that is refused is tried
 * again until the client has read, or has gone.
 */
public final class BulkServer implements ServerHandler {

	private static final int PIECES = 200;

	/** Where the path of {@code GET /bulk} differs from any other. */
	private static final int PATH = 5;

	private final byte[] answer = Work.answer();

	private final byte[] piece = new byte[1024 * 1024];

	private BulkServer() {
	}

	/**
	 * Starts the server.
	 * @param arguments the port
	 */
	public static void main(String[] arguments) {
		SwooleServers
			.create(ServerOptions.builder()
				.port(Integer.parseInt(arguments[0]))
				.main((main) -> main.openEofSplit(true))
				.build(), new BulkServer())
			.start();
	}

	@Override
	public void onReceive(SwooleServer server, Connection connection, ByteBuf packet) {
		if (packet.getByte(packet.readerIndex() + PATH) == 'b') {
			sendPieces(server, connection, PIECES);
		}
		else {
			connection.send(this.answer);
		}
	}

	private void sendPieces(SwooleServer server, Connection connection, int pieces) {
		int left = pieces;
		while (left > 0 && connection.send(this.piece)) {
			left--;
		}
		if (left > 0 && connection.isOpen()) {
			int rest = left;
			server.after(Duration.ofMillis(10), () -> sendPieces(server, connection, rest));
		}
	}

}
