package io.swoole.benchmarks;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;

/**
 * Connections that each ask for an echo about once per millisecond, and measure how long
 * it takes.
 */
final class EchoProbe implements AutoCloseable {

	private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

	private final List<Socket> sockets = new ArrayList<>();

	EchoProbe(int port, int connections) throws IOException {
		for (int i = 0; i < connections; i++) {
			Socket socket = new Socket("127.0.0.1", port);
			socket.setTcpNoDelay(true);
			this.sockets.add(socket);
		}
	}

	/** The 99th percentile of all connections, in nanoseconds. */
	long measure(int seconds) throws InterruptedException {
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
		List<LongStream> times = new ArrayList<>();
		List<Thread> threads = new ArrayList<>();
		for (Socket socket : this.sockets) {
			Thread thread = new Thread(() -> {
				LongStream own = Arrays.stream(ask(socket, end));
				synchronized (times) {
					times.add(own);
				}
			});
			thread.start();
			threads.add(thread);
		}
		for (Thread thread : threads) {
			thread.join();
		}
		long[] sorted = times.stream().flatMapToLong((own) -> own).sorted().toArray();
		return sorted[(int) (sorted.length * 0.99)];
	}

	private static long[] ask(Socket socket, long end) {
		LongStream.Builder times = LongStream.builder();
		try {
			while (System.nanoTime() < end) {
				long begin = System.nanoTime();
				socket.getOutputStream().write('x');
				if (socket.getInputStream().read() != 'x') {
					throw new IllegalStateException("No echo");
				}
				times.add(System.nanoTime() - begin);
				LockSupport.parkNanos(PAUSE);
			}
			return times.build().toArray();
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** What the server says about itself. */
	String describe() throws IOException {
		Socket socket = this.sockets.get(0);
		socket.getOutputStream().write('?');
		StringBuilder line = new StringBuilder();
		for (int next = socket.getInputStream().read(); next != '\n'; next = socket.getInputStream().read()) {
			line.append(Character.toString(next));
		}
		return line.toString();
	}

	@Override
	public void close() throws IOException {
		for (Socket socket : this.sockets) {
			socket.close();
		}
	}

}
