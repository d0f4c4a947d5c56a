package io.swoole.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;

/**
 * Very many clients in a process of their own, so that neither their memory nor their
 * descriptors count for the server. Each sends one byte and waits for one to come back.
 */
public final class ClientSwarm implements AutoCloseable {

	private final Process process;

	private final BufferedReader answers;

	private final PrintStream commands;

	private ClientSwarm(Process process) {
		this.process = process;
		this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
		this.commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
	}

	/**
	 * Connects to a port of the loopback interface, and returns when all are answered.
	 */
	public static ClientSwarm connect(int port, int count) throws IOException {
		ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-Xmx256m", "-cp", System.getProperty("java.class.path"), ClientSwarm.class.getName(),
				String.valueOf(port), String.valueOf(count));
		builder.redirectError(ProcessBuilder.Redirect.INHERIT);
		ClientSwarm swarm = new ClientSwarm(builder.start());
		swarm.expect("connected");
		return swarm;
	}

	/** Waits until each client has received so many further bytes. */
	public void awaitBytes(int count) throws IOException {
		this.commands.println(count);
		expect("read");
	}

	private void expect(String answer) throws IOException {
		String line = this.answers.readLine();
		if (!answer.equals(line)) {
			throw new IOException("Expected '" + answer + "' of the clients, but they say '" + line + "'");
		}
	}

	@Override
	public void close() {
		this.process.destroyForcibly();
		try {
			this.process.waitFor();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	// what runs in the other process

	/** Connects, then reads as many bytes as each line of the standard input says. */
	public static void main(String[] arguments) throws IOException {
		Swarm swarm = new Swarm(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]));
		swarm.connect();
		PrintStream out = System.out;
		out.println("connected");
		BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		for (String line = commands.readLine(); line != null; line = commands.readLine()) {
			swarm.read(Integer.parseInt(line));
			out.println("read");
		}
	}

	private static final class Swarm {

		/** How many may be connecting at the same time, less than a backlog. */
		private static final int CONNECTING = 200;

		private static final long DEADLINE_MILLIS = 60_000;

		private final InetSocketAddress server;

		private final int count;

		private final Selector selector = Selector.open();

		private final ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);

		private int connecting;

		private int opened;

		private int waiting;

		Swarm(int port, int count) throws IOException {
			this.server = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port);
			this.count = count;
		}

		void connect() throws IOException {
			this.waiting = this.count;
			run();
		}

		void read(int bytes) throws IOException {
			for (SelectionKey key : this.selector.keys()) {
				Client client = (Client) key.attachment();
				client.missing += bytes;
				this.waiting += (client.missing > 0) ? 1 : 0;
			}
			run();
		}

		private void run() throws IOException {
			long deadline = System.currentTimeMillis() + DEADLINE_MILLIS;
			while (this.waiting > 0) {
				while (this.opened < this.count && this.connecting < CONNECTING) {
					open();
				}
				if (System.currentTimeMillis() > deadline) {
					throw new IOException(this.waiting + " of " + this.count + " clients still wait");
				}
				this.selector.select(1000);
				for (Iterator<SelectionKey> keys = this.selector.selectedKeys().iterator(); keys.hasNext();) {
					handle(keys.next());
					keys.remove();
				}
			}
		}

		private void open() throws IOException {
			SocketChannel channel = SocketChannel.open();
			channel.configureBlocking(false);
			channel.connect(this.server);
			channel.register(this.selector, SelectionKey.OP_CONNECT, new Client());
			this.opened++;
			this.connecting++;
		}

		private void handle(SelectionKey key) throws IOException {
			SocketChannel channel = (SocketChannel) key.channel();
			if (key.isConnectable()) {
				channel.finishConnect();
				key.interestOps(SelectionKey.OP_READ);
				channel.write(ByteBuffer.wrap(new byte[] { 'x' }));
			}
			else if (key.isReadable()) {
				read(channel, (Client) key.attachment());
			}
		}

		private void read(SocketChannel channel, Client client) throws IOException {
			this.buffer.clear();
			int read = channel.read(this.buffer);
			if (read < 0) {
				throw new IOException("The server has closed a connection");
			}
			if (!client.answered && read > 0) {
				client.answered = true;
				this.connecting--;
			}
			boolean waited = client.missing > 0;
			client.missing -= read;
			if (waited && client.missing <= 0) {
				this.waiting--;
			}
		}

	}

	private static final class Client {

		private boolean answered;

		/**
		 * Bytes that are waited for; negative: more have come than were asked for yet.
		 */
		private int missing = 1;

	}

}
