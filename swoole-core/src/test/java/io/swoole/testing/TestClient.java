package io.swoole.testing;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/**
 * A blocking client. Every read gives up after 20 seconds.
 */
public final class TestClient implements AutoCloseable {

	private final Socket socket;

	private TestClient(Socket socket) {
		this.socket = socket;
	}

	/** Connects to a port of the loopback interface. */
	public static TestClient connect(int port) {
		return connect(port, 0);
	}

	/** Connects with a small receive buffer, to be a slow reader; 0: the default. */
	public static TestClient connect(int port, int receiveBuffer) {
		try {
			Socket socket = new Socket();
			if (receiveBuffer > 0) {
				socket.setReceiveBufferSize(receiveBuffer);
			}
			socket.setSoTimeout(20_000);
			socket.setTcpNoDelay(true);
			socket.connect(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 10_000);
			return new TestClient(socket);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** A client of a socket that is connected. */
	public static TestClient of(Socket socket) {
		try {
			socket.setSoTimeout(20_000);
			return new TestClient(socket);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	public Socket socket() {
		return this.socket;
	}

	public TestClient send(String text) {
		return send(text.getBytes(StandardCharsets.UTF_8));
	}

	public TestClient send(byte[] bytes) {
		try {
			this.socket.getOutputStream().write(bytes);
			return this;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Reads exactly so many bytes. */
	public byte[] read(int length) {
		try {
			byte[] bytes = this.socket.getInputStream().readNBytes(length);
			if (bytes.length < length) {
				throw new EOFException("only " + bytes.length + " of " + length + " bytes");
			}
			return bytes;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Reads exactly so many bytes of text. */
	public String readText(int length) {
		return new String(read(length), StandardCharsets.UTF_8);
	}

	/** Reads until the text that ends with a terminator is complete. */
	public String readUntil(String terminator) {
		try {
			ByteArrayOutputStream bytes = new ByteArrayOutputStream();
			InputStream in = this.socket.getInputStream();
			while (!bytes.toString(StandardCharsets.UTF_8).endsWith(terminator)) {
				int next = in.read();
				if (next < 0) {
					throw new EOFException("only '" + bytes.toString(StandardCharsets.UTF_8) + "'");
				}
				bytes.write(next);
			}
			return bytes.toString(StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Reads everything up to the end of the stream; a reset counts as the end. */
	public byte[] readAll() {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try {
			this.socket.getInputStream().transferTo(bytes);
		}
		catch (SocketException ex) {
			// a reset: what has come so far counts
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return bytes.toByteArray();
	}

	/** Ends the output, the input stays open. */
	public TestClient shutdownOutput() {
		try {
			this.socket.shutdownOutput();
			return this;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Breaks the connection with a reset. */
	public void reset() {
		try {
			this.socket.setSoLinger(true, 0);
			this.socket.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void close() {
		try {
			this.socket.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
