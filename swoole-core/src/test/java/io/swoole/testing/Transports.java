package io.swoole.testing;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.stream.Stream;

import io.swoole.server.ServerMode;
import io.swoole.server.TransportType;
import io.swoole.server.transport.Transport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.provider.Arguments;

/**
 * What tests of sockets run on: the native transport of this system, if it has one, and
 * NIO.
 */
public final class Transports {

	private Transports() {
	}

	/** Each transport that works here. */
	public static Stream<TransportType> available() {
		return Stream.of(Transport.choose(TransportType.AUTO).type(), TransportType.NIO).distinct();
	}

	/** Each mode on each transport that works here. */
	public static Stream<Arguments> inEachMode() {
		return Stream.of(ServerMode.values())
			.flatMap((mode) -> available().map((transport) -> Arguments.of(mode, transport)));
	}

	/** Skips a test where a transport does not work. */
	public static void assume(TransportType transport) {
		Assumptions.assumeTrue(available().anyMatch(transport::equals), () -> "there is no " + transport + " here");
	}

	/**
	 * Skips a test where the loopback interface does not have an address. Linux has all
	 * of 127.0.0.0/8, other systems 127.0.0.1 alone, and some have no IPv6.
	 */
	public static void assumeAddress(String address) {
		boolean bound = false;
		try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(address, 0))) {
			bound = socket.isBound();
		}
		catch (IOException ex) {
			// there is no such address
		}
		Assumptions.assumeTrue(bound, () -> "the loopback interface does not have " + address);
	}

}
