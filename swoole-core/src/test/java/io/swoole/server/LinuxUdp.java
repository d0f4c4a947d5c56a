package io.swoole.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What Linux says about UDP sockets in {@code /proc/net/udp}.
 */
final class LinuxUdp {

	private LinuxUdp() {
	}

	/** The lines of the sockets bound to a port. */
	static List<String> sockets(int port) {
		String local = ":%04X".formatted(port);
		try {
			return Files.readAllLines(Path.of("/proc/net/udp"))
				.stream()
				.skip(1)
				.filter((line) -> line.trim().split("\\s+")[1].endsWith(local))
				.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** How many datagrams the sockets of a port had no room for. */
	static long drops(int port) {
		return sockets(port).stream().mapToLong((line) -> {
			String[] columns = line.trim().split("\\s+");
			return Long.parseLong(columns[columns.length - 1]);
		}).sum();
	}

}
