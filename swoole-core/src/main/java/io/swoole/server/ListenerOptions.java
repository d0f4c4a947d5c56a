package io.swoole.server;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

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

	private final @Nullable String unixSocketPermissions;

	private final @Nullable SslOptions ssl;

	private final Duration sslHandshakeTimeout;

	private final int backlog;

	private final boolean openTcpNodelay;

	private final boolean openTcpKeepalive;

	private final Duration tcpKeepidle;

	private final Duration tcpKeepinterval;

	private final int tcpKeepcount;

	private final Duration tcpDeferAccept;

	private final boolean tcpFastopen;

	private final Duration tcpUserTimeout;

	private final int kernelSocketRecvBufferSize;

	private final int kernelSocketSendBufferSize;

	private final Duration heartbeatIdleTime;

	private final Duration maxIdleTime;

	private final Duration packetTimeout;

	private final boolean proxyProtocol;

	private final List<String> allowFrom;

	private final List<String> denyFrom;

	private final long socketBufferSize;

	private final long bufferHighWatermark;

	private final long bufferLowWatermark;

	private final boolean halfClose;

	private final Duration halfCloseTimeout;

	private final boolean openEofCheck;

	private final boolean openEofSplit;

	private final byte[] packageEof;

	private final boolean openLengthCheck;

	private final char packageLengthType;

	private final int packageLengthOffset;

	private final int packageBodyOffset;

	private final @Nullable PackageLengthFunction packageLengthFunc;

	private final boolean openMqttProtocol;

	private final boolean packageStrip;

	private final int packageMaxLength;

	private ListenerOptions(Builder builder, byte[] packageEof) {
		this.name = builder.name;
		this.type = builder.type;
		this.host = AddressRules.host(builder.type, builder.host);
		this.port = builder.type.isUnix() ? 0 : builder.port;
		this.unixSocketPermissions = builder.unixSocketPermissions;
		this.ssl = builder.ssl;
		this.sslHandshakeTimeout = builder.sslHandshakeTimeout;
		this.backlog = builder.backlog;
		this.openTcpNodelay = builder.openTcpNodelay;
		this.openTcpKeepalive = builder.openTcpKeepalive;
		this.tcpKeepidle = builder.tcpKeepidle;
		this.tcpKeepinterval = builder.tcpKeepinterval;
		this.tcpKeepcount = builder.tcpKeepcount;
		this.tcpDeferAccept = builder.tcpDeferAccept;
		this.tcpFastopen = builder.tcpFastopen;
		this.tcpUserTimeout = builder.tcpUserTimeout;
		this.kernelSocketRecvBufferSize = builder.kernelSocketRecvBufferSize;
		this.kernelSocketSendBufferSize = builder.kernelSocketSendBufferSize;
		this.heartbeatIdleTime = builder.heartbeatIdleTime;
		this.maxIdleTime = builder.maxIdleTime;
		this.packetTimeout = builder.packetTimeout;
		this.proxyProtocol = builder.proxyProtocol;
		this.allowFrom = List.copyOf(builder.allowFrom);
		this.denyFrom = List.copyOf(builder.denyFrom);
		this.socketBufferSize = builder.socketBufferSize;
		this.bufferHighWatermark = builder.highWatermark();
		this.bufferLowWatermark = builder.bufferLowWatermark;
		this.halfClose = builder.halfClose;
		this.halfCloseTimeout = builder.halfCloseTimeout;
		this.openEofCheck = builder.openEofCheck;
		this.openEofSplit = builder.openEofSplit;
		this.packageEof = packageEof;
		this.openLengthCheck = builder.openLengthCheck;
		this.packageLengthType = builder.packageLengthType;
		this.packageLengthOffset = builder.packageLengthOffset;
		this.packageBodyOffset = builder.packageBodyOffset;
		this.packageLengthFunc = builder.packageLengthFunc;
		this.openMqttProtocol = builder.openMqttProtocol;
		this.packageStrip = builder.packageStrip;
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
	 * @return an address or a host name; the path of a unix socket
	 */
	public String host() {
		return this.host;
	}

	/**
	 * The local port.
	 * @return the port; 0: any free port, or a unix socket
	 */
	public int port() {
		return this.port;
	}

	/**
	 * Who may use a unix socket.
	 * @return the permissions, {@code null} to leave them as the operating system sets
	 * them
	 */
	public @Nullable String unixSocketPermissions() {
		return this.unixSocketPermissions;
	}

	/**
	 * How connections are encrypted.
	 * @return the certificates, {@code null} if they are not
	 */
	public @Nullable SslOptions ssl() {
		return this.ssl;
	}

	/**
	 * How long the TLS handshake of a connection may take.
	 * @return the time; 0: as long as it wants
	 */
	public Duration sslHandshakeTimeout() {
		return this.sslHandshakeTimeout;
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
	 * Whether the operating system looks after silent connections.
	 * @return {@code true} to send keepalive probes
	 */
	public boolean openTcpKeepalive() {
		return this.openTcpKeepalive;
	}

	/**
	 * How long a connection must be silent until it is probed.
	 * @return whole seconds
	 */
	public Duration tcpKeepidle() {
		return this.tcpKeepidle;
	}

	/**
	 * The time between two keepalive probes.
	 * @return whole seconds
	 */
	public Duration tcpKeepinterval() {
		return this.tcpKeepinterval;
	}

	/**
	 * How many keepalive probes may stay unanswered.
	 * @return the number
	 */
	public int tcpKeepcount() {
		return this.tcpKeepcount;
	}

	/**
	 * How long the operating system keeps a connection that has sent nothing to itself.
	 * @return whole seconds; 0: not at all
	 */
	public Duration tcpDeferAccept() {
		return this.tcpDeferAccept;
	}

	/**
	 * Whether a client may send its first bytes together with its request to connect.
	 * @return {@code true} if it may
	 */
	public boolean tcpFastopen() {
		return this.tcpFastopen;
	}

	/**
	 * How long sent bytes may stay unacknowledged until the operating system breaks the
	 * connection.
	 * @return the time; 0: its own limit
	 */
	public Duration tcpUserTimeout() {
		return this.tcpUserTimeout;
	}

	/**
	 * The receive buffer of the operating system.
	 * @return the number of bytes; 0: its own choice
	 */
	public int kernelSocketRecvBufferSize() {
		return this.kernelSocketRecvBufferSize;
	}

	/**
	 * The send buffer of the operating system.
	 * @return the number of bytes; 0: its own choice
	 */
	public int kernelSocketSendBufferSize() {
		return this.kernelSocketSendBufferSize;
	}

	/**
	 * After how much silence of a client its connection is closed.
	 * @return the time; 0: twice {@code heartbeat-check-interval}, if that is set
	 */
	public Duration heartbeatIdleTime() {
		return this.heartbeatIdleTime;
	}

	/**
	 * After how much silence in both directions a connection is closed.
	 * @return the time; 0: never
	 */
	public Duration maxIdleTime() {
		return this.maxIdleTime;
	}

	/**
	 * How long a client may take to complete a packet it has begun.
	 * @return the time; 0: as long as it wants
	 */
	public Duration packetTimeout() {
		return this.packetTimeout;
	}

	/**
	 * Whether connections begin with a PROXY protocol header.
	 * @return {@code true} if a load balancer announces the addresses of clients
	 */
	public boolean proxyProtocol() {
		return this.proxyProtocol;
	}

	/**
	 * The networks clients may connect from.
	 * @return addresses and networks in CIDR form; empty: from everywhere
	 */
	public List<String> allowFrom() {
		return this.allowFrom;
	}

	/**
	 * The networks clients may not connect from, even if {@link #allowFrom()} has them.
	 * @return addresses and networks in CIDR form
	 */
	public List<String> denyFrom() {
		return this.denyFrom;
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
	 * How many bytes must wait to be written to a connection for
	 * {@link ServerHandler#onBufferFull}.
	 * @return the number of bytes, {@link Long#MAX_VALUE} for never
	 */
	public long bufferHighWatermark() {
		return this.bufferHighWatermark;
	}

	/**
	 * How few bytes may wait to be written to a connection for
	 * {@link ServerHandler#onBufferEmpty}, after it has been full.
	 * @return the number of bytes; 0: none
	 */
	public long bufferLowWatermark() {
		return this.bufferLowWatermark;
	}

	/**
	 * Whether a connection whose client has ended its side stays open until its tasks
	 * have been answered.
	 * @return {@code true} to wait for them
	 */
	public boolean halfClose() {
		return this.halfClose;
	}

	/**
	 * How long a connection whose client has ended its side waits for its tasks.
	 * @return the time
	 */
	public Duration halfCloseTimeout() {
		return this.halfCloseTimeout;
	}

	/**
	 * Whether packets are handed out when what has been received ends with the
	 * terminator.
	 * @return {@code true} if so
	 */
	public boolean openEofCheck() {
		return this.openEofCheck;
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
	 * What tells the length of a packet instead of its header.
	 * @return the function, {@code null} if there is none
	 */
	public @Nullable PackageLengthFunction packageLengthFunc() {
		return this.packageLengthFunc;
	}

	/**
	 * Whether packets are control packets of MQTT.
	 * @return {@code true} if so
	 */
	public boolean openMqttProtocol() {
		return this.openMqttProtocol;
	}

	/**
	 * Whether a packet is handed out without its header or terminator.
	 * @return {@code true} if so
	 */
	public boolean packageStrip() {
		return this.packageStrip;
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

		private final String name;

		private ListenerType type = ListenerType.TCP;

		private @Nullable String host;

		private int port;

		private @Nullable String unixSocketPermissions;

		private @Nullable SslOptions ssl;

		private Duration sslHandshakeTimeout = Duration.ofSeconds(10);

		private int backlog = 512;

		private boolean openTcpNodelay = true;

		private boolean openTcpKeepalive;

		private Duration tcpKeepidle = Duration.ofSeconds(3600);

		private Duration tcpKeepinterval = Duration.ofSeconds(60);

		private int tcpKeepcount = 5;

		private Duration tcpDeferAccept = Duration.ZERO;

		private boolean tcpFastopen;

		private Duration tcpUserTimeout = Duration.ZERO;

		private int kernelSocketRecvBufferSize;

		private int kernelSocketSendBufferSize;

		private Duration heartbeatIdleTime = Duration.ZERO;

		private Duration maxIdleTime = Duration.ZERO;

		private Duration packetTimeout = Duration.ofSeconds(60);

		private boolean proxyProtocol;

		private List<String> allowFrom = List.of();

		private List<String> denyFrom = List.of();

		private long socketBufferSize = 8 * 1024 * 1024;

		private long bufferHighWatermark;

		private long bufferLowWatermark;

		private boolean halfClose;

		private Duration halfCloseTimeout = Duration.ofSeconds(30);

		private boolean openEofCheck;

		private boolean openEofSplit;

		private String packageEof = FramingRules.DEFAULT_EOF;

		private boolean openLengthCheck;

		private char packageLengthType = FramingRules.DEFAULT_LENGTH_TYPE;

		private int packageLengthOffset;

		private int packageBodyOffset = FramingRules.DEFAULT_BODY_OFFSET;

		private @Nullable PackageLengthFunction packageLengthFunc;

		private boolean openMqttProtocol;

		private boolean packageStrip;

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
		 * Sets the local address. Default: the loopback address, 127.0.0.1 or ::1; a unix
		 * socket has no default.
		 * @param host an address or a host name; the path of a unix socket, at most 107
		 * bytes
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
		 * Sets who may use a unix socket. Set it to let other users in, or to keep them
		 * out whatever the umask is. Default: what the operating system makes of the
		 * umask.
		 * @param unixSocketPermissions octal with a leading 0 as in {@code 0660}, or as
		 * in {@code rw-rw----}
		 * @return this builder
		 */
		public Builder unixSocketPermissions(String unixSocketPermissions) {
			this.unixSocketPermissions = unixSocketPermissions;
			return this;
		}

		/**
		 * Sets how connections are encrypted. Default: not at all.
		 * @param ssl the certificates, {@code null} for none
		 * @return this builder
		 */
		public Builder ssl(@Nullable SslOptions ssl) {
			this.ssl = ssl;
			return this;
		}

		/**
		 * Sets how long the TLS handshake of a connection may take; a connection that has
		 * not finished it is closed. Default: 10 seconds.
		 * @param sslHandshakeTimeout the time; 0: as long as it wants
		 * @return this builder
		 */
		public Builder sslHandshakeTimeout(Duration sslHandshakeTimeout) {
			this.sslHandshakeTimeout = sslHandshakeTimeout;
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
		 * Sets whether the operating system looks after silent connections. Default:
		 * {@code false}.
		 * @param openTcpKeepalive {@code true} to send keepalive probes
		 * @return this builder
		 */
		public Builder openTcpKeepalive(boolean openTcpKeepalive) {
			this.openTcpKeepalive = openTcpKeepalive;
			return this;
		}

		/**
		 * Sets how long a connection must be silent until it is probed, with
		 * {@code open-tcp-keepalive}. Default: 3600 seconds.
		 * @param tcpKeepidle at least one second
		 * @return this builder
		 */
		public Builder tcpKeepidle(Duration tcpKeepidle) {
			this.tcpKeepidle = tcpKeepidle;
			return this;
		}

		/**
		 * Sets the time between two keepalive probes. Default: 60 seconds.
		 * @param tcpKeepinterval at least one second
		 * @return this builder
		 */
		public Builder tcpKeepinterval(Duration tcpKeepinterval) {
			this.tcpKeepinterval = tcpKeepinterval;
			return this;
		}

		/**
		 * Sets how many keepalive probes may stay unanswered. Default: 5.
		 * @param tcpKeepcount the number, 1 to 127
		 * @return this builder
		 */
		public Builder tcpKeepcount(int tcpKeepcount) {
			this.tcpKeepcount = tcpKeepcount;
			return this;
		}

		/**
		 * Sets how long the operating system keeps a connection to itself until its first
		 * bytes have come. Default: 0, not at all.
		 * @param tcpDeferAccept the time, in whole seconds
		 * @return this builder
		 */
		public Builder tcpDeferAccept(Duration tcpDeferAccept) {
			this.tcpDeferAccept = tcpDeferAccept;
			return this;
		}

		/**
		 * Sets whether a client may send its first bytes together with its request to
		 * connect. Default: {@code false}.
		 * @param tcpFastopen {@code true} if it may
		 * @return this builder
		 */
		public Builder tcpFastopen(boolean tcpFastopen) {
			this.tcpFastopen = tcpFastopen;
			return this;
		}

		/**
		 * Sets how long sent bytes may stay unacknowledged until the operating system
		 * breaks the connection. Default: 0, its own limit.
		 * @param tcpUserTimeout the time, in whole milliseconds
		 * @return this builder
		 */
		public Builder tcpUserTimeout(Duration tcpUserTimeout) {
			this.tcpUserTimeout = tcpUserTimeout;
			return this;
		}

		/**
		 * Sets the receive buffer of the operating system ({@code SO_RCVBUF}). Default:
		 * 0, its own choice.
		 * @param kernelSocketRecvBufferSize the number of bytes
		 * @return this builder
		 */
		public Builder kernelSocketRecvBufferSize(int kernelSocketRecvBufferSize) {
			this.kernelSocketRecvBufferSize = kernelSocketRecvBufferSize;
			return this;
		}

		/**
		 * Sets the send buffer of the operating system ({@code SO_SNDBUF}). Default: 0,
		 * its own choice.
		 * @param kernelSocketSendBufferSize the number of bytes
		 * @return this builder
		 */
		public Builder kernelSocketSendBufferSize(int kernelSocketSendBufferSize) {
			this.kernelSocketSendBufferSize = kernelSocketSendBufferSize;
			return this;
		}

		/**
		 * Sets after how much silence of a client its connection is closed. Default: 0,
		 * twice {@code heartbeat-check-interval}, or never if that is not set either.
		 * @param heartbeatIdleTime the time
		 * @return this builder
		 */
		public Builder heartbeatIdleTime(Duration heartbeatIdleTime) {
			this.heartbeatIdleTime = heartbeatIdleTime;
			return this;
		}

		/**
		 * Sets after how much silence in both directions a connection is closed. Default:
		 * 0, never.
		 * @param maxIdleTime the time
		 * @return this builder
		 */
		public Builder maxIdleTime(Duration maxIdleTime) {
			this.maxIdleTime = maxIdleTime;
			return this;
		}

		/**
		 * Sets how long a client may take to complete a packet it has begun, and for its
		 * PROXY protocol header. Default: 60 seconds.
		 * @param packetTimeout the time; 0: as long as it wants
		 * @return this builder
		 */
		public Builder packetTimeout(Duration packetTimeout) {
			this.packetTimeout = packetTimeout;
			return this;
		}

		/**
		 * Sets whether connections begin with a PROXY protocol header, version 1 or 2, in
		 * which a load balancer announces the address of the client. Needs
		 * {@code io.netty:netty-codec-haproxy}. Default: {@code false}.
		 * @param proxyProtocol {@code true} if so; a connection without such a header is
		 * closed
		 * @return this builder
		 */
		public Builder proxyProtocol(boolean proxyProtocol) {
			this.proxyProtocol = proxyProtocol;
			return this;
		}

		/**
		 * Sets the networks clients may connect from. Default: from everywhere.
		 * @param allowFrom addresses ({@code 10.0.0.7}, {@code ::1}) and networks in CIDR
		 * form ({@code 10.0.0.0/8}, {@code fd00::/8})
		 * @return this builder
		 */
		public Builder allowFrom(List<String> allowFrom) {
			this.allowFrom = allowFrom;
			return this;
		}

		/**
		 * Sets the networks clients may not connect from; stronger than
		 * {@code allow-from}. Default: none.
		 * @param denyFrom addresses and networks in CIDR form
		 * @return this builder
		 */
		public Builder denyFrom(List<String> denyFrom) {
			this.denyFrom = denyFrom;
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
		 * Sets how many bytes must wait to be written to a connection for
		 * {@link ServerHandler#onBufferFull}. Default: 0, four fifths of
		 * {@code socket-buffer-size}; never where that is unlimited.
		 * @param bufferHighWatermark the number of bytes; 0: the default
		 * @return this builder
		 */
		public Builder bufferHighWatermark(long bufferHighWatermark) {
			this.bufferHighWatermark = bufferHighWatermark;
			return this;
		}

		/**
		 * Sets how few bytes may wait to be written to a connection that has been full
		 * for {@link ServerHandler#onBufferEmpty}. Default: 0, none.
		 * @param bufferLowWatermark the number of bytes, less than
		 * {@code buffer-high-watermark}
		 * @return this builder
		 */
		public Builder bufferLowWatermark(long bufferLowWatermark) {
			this.bufferLowWatermark = bufferLowWatermark;
			return this;
		}

		/**
		 * Sets whether a connection whose client has ended its side stays open until the
		 * tasks dispatched for it are settled and answered. Default: {@code false}, it is
		 * closed as soon as the packets received before have been handled.
		 * @param halfClose {@code true} to wait for the tasks
		 * @return this builder
		 */
		public Builder halfClose(boolean halfClose) {
			this.halfClose = halfClose;
			return this;
		}

		/**
		 * Sets how long a connection waits for its tasks with {@code half-close}.
		 * Default: 30 seconds.
		 * @param halfCloseTimeout the time, more than 0
		 * @return this builder
		 */
		public Builder halfCloseTimeout(Duration halfCloseTimeout) {
			this.halfCloseTimeout = halfCloseTimeout;
			return this;
		}

		private long highWatermark() {
			if (this.bufferHighWatermark > 0) {
				return this.bufferHighWatermark;
			}
			long size = this.socketBufferSize;
			return (size > 0) ? Math.max(1, size / 5 * 4 + size % 5 * 4 / 5) : Long.MAX_VALUE;
		}

		/**
		 * Sets whether packets are handed out when a read has ended with the terminator;
		 * one call of the handler may then bring several packets, always whole ones.
		 * Default: {@code false}. Swoole: {@code open_eof_check}.
		 * @param openEofCheck {@code true} to check for the terminator
		 * @return this builder
		 */
		public Builder openEofCheck(boolean openEofCheck) {
			this.openEofCheck = openEofCheck;
			return this;
		}

		/**
		 * Sets whether a packet ends at the first terminator, so that each is handed out
		 * by itself; {@link #openEofCheck} need not be set. Default: {@code false}.
		 * Swoole: {@code open_eof_split}.
		 * @param openEofSplit {@code true} to split
		 * @return this builder
		 */
		public Builder openEofSplit(boolean openEofSplit) {
			this.openEofSplit = openEofSplit;
			return this;
		}

		/**
		 * Sets the terminator of a packet. Default: {@code \r\n\r\n}. Swoole:
		 * {@code package_eof}.
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
		 * Swoole: {@code open_length_check}.
		 * @param openLengthCheck {@code true} if so
		 * @return this builder
		 */
		public Builder openLengthCheck(boolean openLengthCheck) {
			this.openLengthCheck = openLengthCheck;
			return this;
		}

		/**
		 * Sets how the length is written. Default: {@code N}. Swoole:
		 * {@code package_length_type}.
		 * @param packageLengthType one byte: {@code c} signed, {@code C} unsigned; two
		 * bytes: {@code s} signed, {@code S} and {@code v} unsigned, {@code n} unsigned
		 * and big-endian; four bytes: {@code l} signed, {@code L} and {@code V} unsigned,
		 * {@code N} unsigned and big-endian; eight bytes: {@code q} signed, {@code Q} and
		 * {@code P} unsigned, {@code J} unsigned and big-endian; little-endian where
		 * nothing is said
		 * @return this builder
		 */
		public Builder packageLengthType(char packageLengthType) {
			this.packageLengthType = packageLengthType;
			return this;
		}

		/**
		 * Sets where the length begins. Default: 0. Swoole:
		 * {@code package_length_offset}.
		 * @param packageLengthOffset bytes from the beginning of the packet, at most 8152
		 * @return this builder
		 */
		public Builder packageLengthOffset(int packageLengthOffset) {
			this.packageLengthOffset = packageLengthOffset;
			return this;
		}

		/**
		 * Sets how many bytes of the packet its length does not count. Default: 4.
		 * Swoole: {@code package_body_offset}.
		 * @param packageBodyOffset the number of bytes, at most 8152
		 * @return this builder
		 */
		public Builder packageBodyOffset(int packageBodyOffset) {
			this.packageBodyOffset = packageBodyOffset;
			return this;
		}

		/**
		 * Sets what tells the length of a packet, instead of the settings about its
		 * header; {@link #openLengthCheck} need not be set. Default: none. Swoole:
		 * {@code package_length_func}.
		 * @param packageLengthFunc the function, called on the event loops; {@code null}:
		 * none
		 * @return this builder
		 */
		public Builder packageLengthFunc(@Nullable PackageLengthFunction packageLengthFunc) {
			this.packageLengthFunc = packageLengthFunc;
			return this;
		}

		/**
		 * Sets whether packets are control packets of MQTT. Default: {@code false}.
		 * Swoole: {@code open_mqtt_protocol}.
		 * @param openMqttProtocol {@code true} if so
		 * @return this builder
		 */
		public Builder openMqttProtocol(boolean openMqttProtocol) {
			this.openMqttProtocol = openMqttProtocol;
			return this;
		}

		/**
		 * Sets whether a packet is handed out without its header or terminator; the
		 * header is everything up to the end of the length, and up to
		 * {@link #packageBodyOffset} if that is more. Needs {@link #openEofSplit} or
		 * {@link #openLengthCheck}. {@link Connection#sendPacket} adds what is stripped.
		 * Default: {@code false}. Swoole has no such setting.
		 * @param packageStrip {@code true} to strip
		 * @return this builder
		 */
		public Builder packageStrip(boolean packageStrip) {
			this.packageStrip = packageStrip;
			return this;
		}

		/**
		 * Sets the largest packet, with its header or terminator. A client that sends a
		 * larger one is disconnected. Default: 2 MiB. Swoole: {@code package_max_length},
		 * but small values count here as they are.
		 * @param packageMaxLength the number of bytes, at most 1 GiB
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
			check(this.backlog >= 1, "backlog", this.backlog, "must be at least 1");
			checkTcp();
			checkPatience();
			checkAddresses("allow-from", this.allowFrom);
			checkAddresses("deny-from", this.denyFrom);
			checkOutput();
			ListenerOptions options = new ListenerOptions(this, FramingRules.unescape(this.name, this.packageEof));
			AddressRules.check(options);
			FramingRules.check(options);
			SniRules.check(options);
			return options;
		}

		private void checkOutput() {
			check(this.bufferHighWatermark >= 0, "buffer-high-watermark", this.bufferHighWatermark,
					"must be at least 1 byte, or 0 for four fifths of socket-buffer-size");
			check(this.bufferLowWatermark >= 0 && this.bufferLowWatermark < highWatermark(), "buffer-low-watermark",
					this.bufferLowWatermark,
					"must be at least 0 and less than buffer-high-watermark, which is " + highWatermark() + " bytes");
			check(!this.halfCloseTimeout.isNegative() && !this.halfCloseTimeout.isZero(), "half-close-timeout",
					this.halfCloseTimeout, "must be more than 0");
		}

		private void checkTcp() {
			check(isWhole(this.tcpKeepidle, 1, 32767), "tcp-keepidle", this.tcpKeepidle,
					"allowed are 1 to 32767 whole seconds");
			check(isWhole(this.tcpKeepinterval, 1, 32767), "tcp-keepinterval", this.tcpKeepinterval,
					"allowed are 1 to 32767 whole seconds");
			check(this.tcpKeepcount >= 1 && this.tcpKeepcount <= 127, "tcp-keepcount", this.tcpKeepcount,
					"allowed are 1 to 127");
			check(isWhole(this.tcpDeferAccept, 0, 32767), "tcp-defer-accept", this.tcpDeferAccept,
					"allowed are 0 to 32767 whole seconds");
			check(!this.tcpUserTimeout.isNegative() && this.tcpUserTimeout.toMillis() <= Integer.MAX_VALUE
					&& this.tcpUserTimeout.equals(Duration.ofMillis(this.tcpUserTimeout.toMillis())),
					"tcp-user-timeout", this.tcpUserTimeout,
					"allowed are 0 to " + Integer.MAX_VALUE + " whole milliseconds");
			check(this.kernelSocketRecvBufferSize >= 0, "kernel-socket-recv-buffer-size",
					this.kernelSocketRecvBufferSize, "must not be negative");
			check(this.kernelSocketSendBufferSize >= 0, "kernel-socket-send-buffer-size",
					this.kernelSocketSendBufferSize, "must not be negative");
		}

		private static boolean isWhole(Duration time, int least, int most) {
			return time.getNano() == 0 && time.getSeconds() >= least && time.getSeconds() <= most;
		}

		private void checkPatience() {
			check(!this.heartbeatIdleTime.isNegative(), "heartbeat-idle-time", this.heartbeatIdleTime,
					"must not be negative");
			check(!this.maxIdleTime.isNegative(), "max-idle-time", this.maxIdleTime, "must not be negative");
			check(!this.packetTimeout.isNegative(), "packet-timeout", this.packetTimeout, "must not be negative");
			check(!this.sslHandshakeTimeout.isNegative(), "ssl-handshake-timeout", this.sslHandshakeTimeout,
					"must not be negative");
		}

		private void checkAddresses(String option, List<String> networks) {
			for (String network : networks) {
				try {
					Cidr.parse(network);
				}
				catch (IllegalArgumentException ex) {
					throw new InvalidOptionException(this.name, option, network, String.valueOf(ex.getMessage()));
				}
			}
		}

		private void check(boolean valid, String option, Object value, String reason) {
			if (!valid) {
				throw new InvalidOptionException(this.name, option, value, reason);
			}
		}

	}

}
