package io.swoole.server;

import java.nio.charset.StandardCharsets;

/**
 * The settings of one listener; immutable.
 *
 * @see ServerOptions.Builder#main()
 */
public final class ListenerOptions {

	private final String name;

	private final ListenerType type;

	private final String host;

	private final int port;

	private final int backlog;

	private final boolean openTcpNodelay;

	private final long socketBufferSize;

	private final boolean openEofSplit;

	private final byte[] packageEof;

	private final boolean openLengthCheck;

	private final char packageLengthType;

	private final int packageLengthOffset;

	private final int packageBodyOffset;

	private final int packageMaxLength;

	private ListenerOptions(Builder builder, byte[] packageEof) {
		this.name = builder.name;
		this.type = builder.type;
		this.host = builder.host;
		this.port = builder.port;
		this.backlog = builder.backlog;
		this.openTcpNodelay = builder.openTcpNodelay;
		this.socketBufferSize = builder.socketBufferSize;
		this.openEofSplit = builder.openEofSplit;
		this.packageEof = packageEof;
		this.openLengthCheck = builder.openLengthCheck;
		this.packageLengthType = builder.packageLengthType;
		this.packageLengthOffset = builder.packageLengthOffset;
		this.packageBodyOffset = builder.packageBodyOffset;
		this.packageMaxLength = builder.packageMaxLength;
	}

	/**
	 * A builder with all settings at their defaults.
	 * @param name the name of the listener
	 * @return the builder
	 */
	public static Builder builder(String name) {
		return new Builder(name);
	}

	/**
	 * The name of the listener.
	 * @return the name
	 */
	public String name() {
		return this.name;
	}

	/**
	 * The kind of socket.
	 * @return the type
	 */
	public ListenerType type() {
		return this.type;
	}

	/**
	 * The local address.
	 * @return an address or a host name
	 */
	public String host() {
		return this.host;
	}

	/**
	 * The local port.
	 * @return the port; 0: any free port
	 */
	public int port() {
		return this.port;
	}

	/**
	 * How many connections the operating system may keep until they are accepted.
	 * @return the number
	 */
	public int backlog() {
		return this.backlog;
	}

	/**
	 * Whether small packets are sent at once.
	 * @return {@code true} to switch Nagle's algorithm off
	 */
	public boolean openTcpNodelay() {
		return this.openTcpNodelay;
	}

	/**
	 * How many bytes may wait to be written to a connection before sends are refused; the
	 * send that crosses the limit is still accepted.
	 * @return the number of bytes; 0 or less: no limit
	 */
	public long socketBufferSize() {
		return this.socketBufferSize;
	}

	/**
	 * Whether a packet ends at the first terminator.
	 * @return {@code true} to split
	 */
	public boolean openEofSplit() {
		return this.openEofSplit;
	}

	/**
	 * The terminator of a packet.
	 * @return 1 to 8 bytes
	 */
	public byte[] packageEof() {
		return this.packageEof.clone();
	}

	/**
	 * Whether a packet says its length in its header.
	 * @return {@code true} if so
	 */
	public boolean openLengthCheck() {
		return this.openLengthCheck;
	}

	/**
	 * How the length is written.
	 * @return a letter of {@code pack()}
	 */
	public char packageLengthType() {
		return this.packageLengthType;
	}

	/**
	 * Where the length begins.
	 * @return bytes from the beginning of the packet
	 */
	public int packageLengthOffset() {
		return this.packageLengthOffset;
	}

	/**
	 * How many bytes of the packet its length does not count.
	 * @return the number of bytes
	 */
	public int packageBodyOffset() {
		return this.packageBodyOffset;
	}

	/**
	 * The largest packet, with its header or terminator.
	 * @return the number of bytes
	 */
	public int packageMaxLength() {
		return this.packageMaxLength;
	}

	/**
	 * Collects the settings of a listener.
	 */
	public static final class Builder {

		private static final int LARGEST_OFFSET = 8152;

		private final String name;

		private ListenerType type = ListenerType.TCP;

		private String host = "127.0.0.1";

		private int port;

		private int backlog = 512;

		private boolean openTcpNodelay = true;

		private long socketBufferSize = 8 * 1024 * 1024;

		private boolean openEofSplit;

		private String packageEof = "\r\n\r\n";

		private boolean openLengthCheck;

		private char packageLengthType = 'N';

		private int packageLengthOffset;

		private int packageBodyOffset = 4;

		private int packageMaxLength = 2 * 1024 * 1024;

		private Builder(String name) {
			this.name = name;
		}

		/**
		 * Sets the kind of socket. Default: TCP over IPv4.
		 * @param type the type
		 * @return this builder
		 */
		public Builder type(ListenerType type) {
			this.type = type;
			return this;
		}

		/**
		 * Sets the local address. Default: 127.0.0.1.
		 * @param host an address or a host name
		 * @return this builder
		 */
		public Builder host(String host) {
			this.host = host;
			return this;
		}

		/**
		 * Sets the local port.
		 * @param port the port; 0: any free port
		 * @return this builder
		 */
		public Builder port(int port) {
			this.port = port;
			return this;
		}

		/**
		 * Sets how many connections may wait to be accepted. Default: 512.
		 * @param backlog the number
		 * @return this builder
		 */
		public Builder backlog(int backlog) {
			this.backlog = backlog;
			return this;
		}

		/**
		 * Sets whether small packets are sent at once. Default: {@code true}.
		 * @param openTcpNodelay {@code true} to switch Nagle's algorithm off
		 * @return this builder
		 */
		public Builder openTcpNodelay(boolean openTcpNodelay) {
			this.openTcpNodelay = openTcpNodelay;
			return this;
		}

		/**
		 * Sets how many bytes may wait to be written to a connection. Default: 8 MiB.
		 * @param socketBufferSize the number of bytes; 0 or less: no limit
		 * @return this builder
		 */
		public Builder socketBufferSize(long socketBufferSize) {
			this.socketBufferSize = socketBufferSize;
			return this;
		}

		/**
		 * Sets whether a packet ends at the first terminator. Default: {@code false}.
		 * @param openEofSplit {@code true} to split
		 * @return this builder
		 */
		public Builder openEofSplit(boolean openEofSplit) {
			this.openEofSplit = openEofSplit;
			return this;
		}

		/**
		 * Sets the terminator of a packet. Default: {@code \r\n\r\n}.
		 * @param packageEof the characters, or the escapes {@code \r \n \t \0 \xHH}; 1 to
		 * 8 bytes
		 * @return this builder
		 */
		public Builder packageEof(String packageEof) {
			this.packageEof = packageEof;
			return this;
		}

		/**
		 * Sets whether a packet says its length in its header. Default: {@code false}.
		 * @param openLengthCheck {@code true} if so
		 * @return this builder
		 */
		public Builder openLengthCheck(boolean openLengthCheck) {
			this.openLengthCheck = openLengthCheck;
			return this;
		}

		/**
		 * Sets how the length is written. Default: {@code N}.
		 * @param packageLengthType {@code N} for 4 bytes, {@code n} for 2 bytes, both
		 * unsigned and big-endian
		 * @return this builder
		 */
		public Builder packageLengthType(char packageLengthType) {
			this.packageLengthType = packageLengthType;
			return this;
		}

		/**
		 * Sets where the length begins. Default: 0.
		 * @param packageLengthOffset bytes from the beginning of the packet, at most 8152
		 * @return this builder
		 */
		public Builder packageLengthOffset(int packageLengthOffset) {
			this.packageLengthOffset = packageLengthOffset;
			return this;
		}

		/**
		 * Sets how many bytes of the packet its length does not count. Default: 4.
		 * @param packageBodyOffset the number of bytes, at most 8152
		 * @return this builder
		 */
		public Builder packageBodyOffset(int packageBodyOffset) {
			this.packageBodyOffset = packageBodyOffset;
			return this;
		}

		/**
		 * Sets the largest packet, with its header or terminator. Default: 2 MiB.
		 * @param packageMaxLength the number of bytes
		 * @return this builder
		 */
		public Builder packageMaxLength(int packageMaxLength) {
			this.packageMaxLength = packageMaxLength;
			return this;
		}

		/**
		 * Checks all settings.
		 * @return the options
		 * @throws InvalidOptionException naming the setting and what is allowed
		 */
		public ListenerOptions build() {
			check(!this.name.isBlank(), "name", this.name, "must not be empty");
			check(!this.host.isBlank(), "host", this.host, "must not be empty");
			check(this.port >= 0 && this.port <= 65535, "port", this.port,
					"allowed are 1 to 65535, and 0 for any free port");
			check(this.backlog >= 1, "backlog", this.backlog, "must be at least 1");
			check(this.packageMaxLength >= 1, "package-max-length", this.packageMaxLength, "must be at least 1 byte");
			byte[] eof = unescape(this.packageEof);
			check(eof.length >= 1 && eof.length <= 8, "package-eof", this.packageEof,
					"must be 1 to 8 bytes, but is " + eof.length);
			check(eof.length <= this.packageMaxLength, "package-max-length", this.packageMaxLength,
					"is smaller than package-eof");
			check("Nn".indexOf(this.packageLengthType) >= 0, "package-length-type", this.packageLengthType,
					"allowed are N and n");
			check(this.packageLengthOffset >= 0 && this.packageLengthOffset <= LARGEST_OFFSET, "package-length-offset",
					this.packageLengthOffset, "allowed are 0 to " + LARGEST_OFFSET);
			check(this.packageBodyOffset >= 0 && this.packageBodyOffset <= LARGEST_OFFSET, "package-body-offset",
					this.packageBodyOffset, "allowed are 0 to " + LARGEST_OFFSET);
			check(!(this.openEofSplit && this.openLengthCheck), "open-length-check", true,
					"a listener frames packets in one way: switch off open-length-check or open-eof-split");
			return new ListenerOptions(this, eof);
		}

		private void check(boolean valid, String option, Object value, String reason) {
			if (!valid) {
				throw new InvalidOptionException(this.name, option, value, reason);
			}
		}

		private byte[] unescape(String text) {
			StringBuilder bytes = new StringBuilder();
			for (byte next : text.getBytes(StandardCharsets.UTF_8)) {
				bytes.append((char) (next & 0xff));
			}
			StringBuilder plain = new StringBuilder();
			for (int i = 0; i < bytes.length(); i++) {
				char next = bytes.charAt(i);
				if (next != '\\' || i + 1 == bytes.length()) {
					plain.append(next);
					continue;
				}
				next = bytes.charAt(++i);
				switch (next) {
					case 'r' -> plain.append('\r');
					case 'n' -> plain.append('\n');
					case 't' -> plain.append('\t');
					case '0' -> plain.append('\0');
					case '\\' -> plain.append('\\');
					case 'x' -> {
						String hex = bytes.substring(i + 1, Math.min(i + 3, bytes.length()));
						check(hex.matches("[0-9a-fA-F]{2}"), "package-eof", text, "\\x needs two hexadecimal digits");
						plain.append((char) Integer.parseInt(hex, 16));
						i += 2;
					}
					default -> check(false, "package-eof", text,
							"unknown escape \\" + next + ", allowed are \\r \\n \\t \\0 \\xHH and \\\\");
				}
			}
			return plain.toString().getBytes(StandardCharsets.ISO_8859_1);
		}

	}

}
