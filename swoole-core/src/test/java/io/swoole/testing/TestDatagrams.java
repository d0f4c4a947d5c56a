package io.swoole.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A blocking UDP client. Every read gives up after 20 seconds.
 */
public final class TestDatagrams implements AutoCloseable {

	private final DatagramSocket socket;

	public TestDatagrams() {
		this("127.0.0.1");
	}

	/** A client at a local address. */
	public TestDatagrams(String host) {
		try {
			this.socket = new DatagramSocket(new InetSocketAddress(host, 0));
			this.socket.setSoTimeout(20_000);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	public InetSocketAddress address() {
		return (InetSocketAddress) this.socket.getLocalSocketAddress();
	}

	/** Sends to a port of the loopback interface. */
	public TestDatagrams send(String text, int port) {
		return send(text.getBytes(StandardCharsets.UTF_8), new InetSocketAddress("127.0.0.1", port));
	}

	public TestDatagrams send(byte[] data, InetSocketAddress to) {
		try {
			this.socket.send(new DatagramPacket(data, data.length, to));
			return this;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** The next datagram, with the address it came from. */
	public DatagramPacket receive() {
		try {
			DatagramPacket packet = new DatagramPacket(new byte[65536], 65536);
			this.socket.receive(packet);
			return packet;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** The bytes of the next datagram. */
	public byte[] receiveBytes() {
		DatagramPacket packet = receive();
		return Arrays.copyOf(packet.getData(), packet.getLength());
	}

	/** The text of the next datagram. */
	public String receiveText() {
		return new String(receiveBytes(), StandardCharsets.UTF_8);
	}

	@Override
	public void close() {
		this.socket.close();
	}

}
