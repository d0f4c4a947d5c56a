package io.swoole.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.awaitility.Awaitility;

/**
 * A TLS client that is not Java: {@code openssl s_client} in a process of its own.
 */
public final class Openssl implements AutoCloseable {

	private final Process process;

	private final ByteArrayOutputStream output = new ByteArrayOutputStream();

	private final Thread reader = new Thread(this::read, "openssl-output");

	private Openssl(Process process) {
		this.process = process;
		this.reader.setDaemon(true);
		this.reader.start();
	}

	/** Whether this machine has it. */
	public static boolean isInstalled() {
		try {
			Process process = new ProcessBuilder("openssl", "version").redirectErrorStream(true).start();
			process.getInputStream().transferTo(new ByteArrayOutputStream());
			return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
		}
		catch (IOException ex) {
			return false;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	/** Connects to a port of the loopback interface, with further options. */
	public static Openssl connect(int port, Object... options) {
		List<String> command = new ArrayList<>(
				List.of("openssl", "s_client", "-connect", "127.0.0.1:" + port, "-showcerts", "-ign_eof"));
		for (Object option : options) {
			command.add(option.toString());
		}
		try {
			return new Openssl(new ProcessBuilder(command).redirectErrorStream(true).start());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void read() {
		byte[] buffer = new byte[8192];
		try (InputStream in = this.process.getInputStream()) {
			for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
				synchronized (this.output) {
					this.output.write(buffer, 0, length);
				}
			}
		}
		catch (IOException ex) {
			// the process has been ended
		}
	}

	/** Everything it has printed so far. */
	public String output() {
		synchronized (this.output) {
			return this.output.toString(StandardCharsets.UTF_8);
		}
	}

	public Openssl send(String text) {
		try {
			this.process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
			this.process.getOutputStream().flush();
			return this;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Waits until it has printed a text. */
	public Openssl await(String text) {
		Awaitility.await("openssl prints '" + text + "'")
			.atMost(Duration.ofSeconds(30))
			.pollInterval(Duration.ofMillis(10))
			.until(() -> output().contains(text));
		return this;
	}

	/** Waits until the connection has ended, and returns all it has printed. */
	public String awaitEnd() {
		try {
			if (!this.process.waitFor(30, TimeUnit.SECONDS)) {
				throw new IllegalStateException("openssl has not ended: " + output());
			}
			this.reader.join(30_000); // its last lines
			return output();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void close() {
		this.process.destroyForcibly();
		try {
			this.process.waitFor(20, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
