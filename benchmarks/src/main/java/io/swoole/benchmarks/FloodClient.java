package io.swoole.benchmarks;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/**
 * A connection that sends packets as fast as they are taken and checks that each is
 * answered once.
 */
final class FloodClient {

	private static final int PACKET = 16;

	private static final int PACKETS_PER_WRITE = 4096;

	private final Socket socket;

	private final int packets;

	private final CompletableFuture<Void> done = new CompletableFuture<>();

	FloodClient(int port, int packets) throws IOException {
		this.socket = new Socket("127.0.0.1", port);
		this.packets = packets;
	}

	/** Begins when the latch opens. */
	void start(CountDownLatch begin) {
		thread(() -> {
			begin.await();
			write();
		});
		thread(() -> {
			read();
			this.done.complete(null);
		});
	}

	/** Completes with the last answer. */
	CompletableFuture<Void> done() {
		return this.done;
	}

	private void write() throws IOException {
		ByteBuffer buffer = ByteBuffer.allocate(PACKETS_PER_WRITE * PACKET);
		for (int number = 0; number < this.packets; number++) {
			buffer.putInt(number).position(buffer.position() + PACKET - 4);
			if (!buffer.hasRemaining() || number == this.packets - 1) {
				this.socket.getOutputStream().write(buffer.array(), 0, buffer.position());
				buffer.clear();
			}
		}
	}

	private void read() throws IOException {
		DataInputStream in = new DataInputStream(new BufferedInputStream(this.socket.getInputStream()));
		BitSet answered = new BitSet(this.packets);
		for (int i = 0; i < this.packets; i++) {
			int number = in.readInt();
			if (answered.get(number)) {
				throw new IllegalStateException("Packet " + number + " was answered twice");
			}
			answered.set(number);
		}
		this.socket.close();
	}

	private void thread(Code code) {
		Thread thread = new Thread(() -> {
			try {
				code.run();
			}
			catch (Exception ex) {
				this.done.completeExceptionally(ex);
			}
		});
		thread.setDaemon(true);
		thread.start();
	}

	@FunctionalInterface
	private interface Code {

		void run() throws Exception;

	}

}
