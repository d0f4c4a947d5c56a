package io.swoole.spring.autoconfigure;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.swoole.server.ListenerType;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.convert.DataSizeUnit;
import org.springframework.boot.convert.DurationUnit;
import org.springframework.util.unit.DataSize;
import org.springframework.util.unit.DataUnit;

/**
 * The properties of one listener.
 */
public abstract class ListenerProperties {

	/**
	 * Kind of socket to listen with.
	 */
	private ListenerType type = ListenerType.TCP;

	/**
	 * Local address to listen on, or the path of a unix socket. By default the loopback
	 * address.
	 */
	private @Nullable String host;

	/**
	 * Permissions of a unix socket, octal with a leading 0 as in "0660" or as in
	 * rw-rw----. By default what the operating system makes of the umask.
	 */
	private @Nullable String unixSocketPermissions;

	@NestedConfigurationProperty
	private Ssl ssl = new Ssl();

	/**
	 * How long the TLS handshake of a connection may take. If a duration suffix is not
	 * specified, seconds are used. Zero means as long as it wants.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration sslHandshakeTimeout = Duration.ofSeconds(10);

	/**
	 * Whether clients may show certificates that nobody but themselves has signed. Such a
	 * certificate proves no more than that the client has its key.
	 */
	private boolean sslAllowSelfSigned = false;

	/**
	 * Number of connections the operating system keeps until they are accepted.
	 */
	private int backlog = 512;

	/**
	 * Whether small packets are sent at once, without Nagle's algorithm.
	 */
	private boolean openTcpNodelay = true;

	/**
	 * Whether the operating system probes silent connections.
	 */
	private boolean openTcpKeepalive = false;

	/**
	 * How long a connection must be silent until it is probed. If a duration suffix is
	 * not specified, seconds are used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration tcpKeepidle = Duration.ofSeconds(3600);

	/**
	 * Time between two keepalive probes. If a duration suffix is not specified, seconds
	 * are used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration tcpKeepinterval = Duration.ofSeconds(60);

	/**
	 * Number of keepalive probes that may stay unanswered.
	 */
	private int tcpKeepcount = 5;

	/**
	 * How long the operating system keeps a connection to itself until its first bytes
	 * have come. If a duration suffix is not specified, seconds are used. Zero means not
	 * at all.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration tcpDeferAccept = Duration.ZERO;

	/**
	 * Whether a client may send its first bytes together with its request to connect.
	 */
	private boolean tcpFastopen = false;

	/**
	 * How long sent bytes may stay unacknowledged until the operating system breaks the
	 * connection. If a duration suffix is not specified, milliseconds are used. Zero
	 * means its own limit.
	 */
	@DurationUnit(ChronoUnit.MILLIS)
	private Duration tcpUserTimeout = Duration.ZERO;

	/**
	 * Size of the receive buffer of the operating system. If a unit suffix is not
	 * specified, bytes are used. Zero means its own choice.
	 */
	@DataSizeUnit(DataUnit.BYTES)
	private DataSize kernelSocketRecvBufferSize = DataSize.ofBytes(0);

	/**
	 * Size of the send buffer of the operating system. If a unit suffix is not specified,
	 * bytes are used. Zero means its own choice.
	 */
	@DataSizeUnit(DataUnit.BYTES)
	private DataSize kernelSocketSendBufferSize = DataSize.ofBytes(0);

	/**
	 * After how much silence of a client its connection is closed. By default twice the
	 * heartbeat-check-interval, or never if that is not set either. If a duration suffix
	 * is not specified, seconds are used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private @Nullable Duration heartbeatIdleTime;

	/**
	 * After how much silence in both directions a connection is closed. If a duration
	 * suffix is not specified, seconds are used. Zero means never.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration maxIdleTime = Duration.ZERO;

	/**
	 * How long a client may take to complete a packet it has begun. If a duration suffix
	 * is not specified, seconds are used. Zero means as long as it wants.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration packetTimeout = Duration.ofSeconds(60);

	/**
	 * Whether connections begin with a PROXY protocol header in which a load balancer
	 * announces the address of the client.
	 */
	private boolean proxyProtocol = false;

	/**
	 * Comma-separated list of addresses and networks in CIDR form clients may connect
	 * from. If empty, they may connect from everywhere.
	 */
	private List<String> allowFrom = new ArrayList<>();

	/**
	 * Comma-separated list of addresses and networks in CIDR form clients may not connect
	 * from. Stronger than allow-from.
	 */
	private List<String> denyFrom = new ArrayList<>();

	/**
	 * Number of bytes that may wait to be written to a connection before sends are
	 * refused. If a unit suffix is not specified, bytes are used. Zero means no limit.
	 */
	@DataSizeUnit(DataUnit.BYTES)
	private DataSize socketBufferSize = DataSize.ofMegabytes(8);

	/**
	 * Number of bytes that must wait to be written to a connection until it is reported
	 * as full. By default four fifths of socket-buffer-size. If a unit suffix is not
	 * specified, bytes are used.
	 */
	@DataSizeUnit(DataUnit.BYTES)
	private @Nullable DataSize bufferHighWatermark;

	/**
	 * Number of bytes that may wait to be written to a full connection when it is
	 * reported as empty. If a unit suffix is not specified, bytes are used.
	 */
	@DataSizeUnit(DataUnit.BYTES)
	private DataSize bufferLowWatermark = DataSize.ofBytes(0);

	/**
	 * Whether a connection whose client has ended its side stays open until its tasks
	 * have been answered.
	 */
	private boolean halfClose = false;

	/**
	 * How long a connection whose client has ended its side waits for its tasks. If a
	 * duration suffix is not specified, seconds are used.
	 */
	@DurationUnit(ChronoUnit.SECONDS)
	private Duration halfCloseTimeout = Duration.ofSeconds(30);

	/**
	 * Whether packets are handed out when a read has ended with the terminator, which may
	 * bring several at once.
	 */
	private boolean openEofCheck = false;

	/**
	 * Whether every packet ends at the first terminator.
	 */
	private boolean openEofSplit = false;

	/**
	 * Terminator of packets, 1 to 8 bytes. Characters as they are or the escapes \r, \n,
	 * \t, \0, \xHH and \\.
	 */
	private String packageEof = "\r\n\r\n";

	/**
	 * Whether packets begin with a header that tells their length.
	 */
	private boolean openLengthCheck = false;

	/**
	 * How the length is written, as a letter of PHP's pack(): c, C (1 byte), s, S, n, v
	 * (2 bytes), l, L, N, V (4 bytes), q, Q, J or P (8 bytes). Signed are c, s, l and q,
	 * big-endian are n, N and J.
	 */
	private char packageLengthType = 'N';

	/**
	 * Number of bytes before the length.
	 */
	private int packageLengthOffset = 0;

	/**
	 * Number of bytes from the beginning of the packet that the length does not count.
	 */
	private int packageBodyOffset = 4;

	/**
	 * Name of the PackageLengthFunction bean that tells the length of packets. By default
	 * the only bean of that type, where packets are framed by length or not at all.
	 */
	private @Nullable String packageLengthFunc;

	/**
	 * Whether packets are control packets of MQTT.
	 */
	private boolean openMqttProtocol = false;

	/**
	 * Whether handlers get packets without their header or terminator.
	 */
	private boolean packageStrip = false;

	/**
	 * Size of the largest packet, including its header or terminator. If a unit suffix is
	 * not specified, bytes are used.
	 */
	@DataSizeUnit(DataUnit.BYTES)
	private DataSize packageMaxLength = DataSize.ofMegabytes(2);

	public ListenerType getType() {
		return this.type;
	}

	public void setType(ListenerType type) {
		this.type = type;
	}

	public @Nullable String getHost() {
		return this.host;
	}

	public void setHost(@Nullable String host) {
		this.host = host;
	}

	public @Nullable String getUnixSocketPermissions() {
		return this.unixSocketPermissions;
	}

	public void setUnixSocketPermissions(@Nullable String unixSocketPermissions) {
		this.unixSocketPermissions = unixSocketPermissions;
	}

	public Ssl getSsl() {
		return this.ssl;
	}

	public void setSsl(Ssl ssl) {
		this.ssl = ssl;
	}

	public Duration getSslHandshakeTimeout() {
		return this.sslHandshakeTimeout;
	}

	public void setSslHandshakeTimeout(Duration sslHandshakeTimeout) {
		this.sslHandshakeTimeout = sslHandshakeTimeout;
	}

	public boolean isSslAllowSelfSigned() {
		return this.sslAllowSelfSigned;
	}

	public void setSslAllowSelfSigned(boolean sslAllowSelfSigned) {
		this.sslAllowSelfSigned = sslAllowSelfSigned;
	}

	public int getBacklog() {
		return this.backlog;
	}

	public void setBacklog(int backlog) {
		this.backlog = backlog;
	}

	public boolean isOpenTcpNodelay() {
		return this.openTcpNodelay;
	}

	public void setOpenTcpNodelay(boolean openTcpNodelay) {
		this.openTcpNodelay = openTcpNodelay;
	}

	public boolean isOpenTcpKeepalive() {
		return this.openTcpKeepalive;
	}

	public void setOpenTcpKeepalive(boolean openTcpKeepalive) {
		this.openTcpKeepalive = openTcpKeepalive;
	}

	public Duration getTcpKeepidle() {
		return this.tcpKeepidle;
	}

	public void setTcpKeepidle(Duration tcpKeepidle) {
		this.tcpKeepidle = tcpKeepidle;
	}

	public Duration getTcpKeepinterval() {
		return this.tcpKeepinterval;
	}

	public void setTcpKeepinterval(Duration tcpKeepinterval) {
		this.tcpKeepinterval = tcpKeepinterval;
	}

	public int getTcpKeepcount() {
		return this.tcpKeepcount;
	}

	public void setTcpKeepcount(int tcpKeepcount) {
		this.tcpKeepcount = tcpKeepcount;
	}

	public Duration getTcpDeferAccept() {
		return this.tcpDeferAccept;
	}

	public void setTcpDeferAccept(Duration tcpDeferAccept) {
		this.tcpDeferAccept = tcpDeferAccept;
	}

	public boolean isTcpFastopen() {
		return this.tcpFastopen;
	}

	public void setTcpFastopen(boolean tcpFastopen) {
		this.tcpFastopen = tcpFastopen;
	}

	public Duration getTcpUserTimeout() {
		return this.tcpUserTimeout;
	}

	public void setTcpUserTimeout(Duration tcpUserTimeout) {
		this.tcpUserTimeout = tcpUserTimeout;
	}

	public DataSize getKernelSocketRecvBufferSize() {
		return this.kernelSocketRecvBufferSize;
	}

	public void setKernelSocketRecvBufferSize(DataSize kernelSocketRecvBufferSize) {
		this.kernelSocketRecvBufferSize = kernelSocketRecvBufferSize;
	}

	public DataSize getKernelSocketSendBufferSize() {
		return this.kernelSocketSendBufferSize;
	}

	public void setKernelSocketSendBufferSize(DataSize kernelSocketSendBufferSize) {
		this.kernelSocketSendBufferSize = kernelSocketSendBufferSize;
	}

	public @Nullable Duration getHeartbeatIdleTime() {
		return this.heartbeatIdleTime;
	}

	public void setHeartbeatIdleTime(@Nullable Duration heartbeatIdleTime) {
		this.heartbeatIdleTime = heartbeatIdleTime;
	}

	public Duration getMaxIdleTime() {
		return this.maxIdleTime;
	}

	public void setMaxIdleTime(Duration maxIdleTime) {
		this.maxIdleTime = maxIdleTime;
	}

	public Duration getPacketTimeout() {
		return this.packetTimeout;
	}

	public void setPacketTimeout(Duration packetTimeout) {
		this.packetTimeout = packetTimeout;
	}

	public boolean isProxyProtocol() {
		return this.proxyProtocol;
	}

	public void setProxyProtocol(boolean proxyProtocol) {
		this.proxyProtocol = proxyProtocol;
	}

	public List<String> getAllowFrom() {
		return this.allowFrom;
	}

	public void setAllowFrom(List<String> allowFrom) {
		this.allowFrom = allowFrom;
	}

	public List<String> getDenyFrom() {
		return this.denyFrom;
	}

	public void setDenyFrom(List<String> denyFrom) {
		this.denyFrom = denyFrom;
	}

	public DataSize getSocketBufferSize() {
		return this.socketBufferSize;
	}

	public void setSocketBufferSize(DataSize socketBufferSize) {
		this.socketBufferSize = socketBufferSize;
	}

	public @Nullable DataSize getBufferHighWatermark() {
		return this.bufferHighWatermark;
	}

	public void setBufferHighWatermark(@Nullable DataSize bufferHighWatermark) {
		this.bufferHighWatermark = bufferHighWatermark;
	}

	public DataSize getBufferLowWatermark() {
		return this.bufferLowWatermark;
	}

	public void setBufferLowWatermark(DataSize bufferLowWatermark) {
		this.bufferLowWatermark = bufferLowWatermark;
	}

	public boolean isHalfClose() {
		return this.halfClose;
	}

	public void setHalfClose(boolean halfClose) {
		this.halfClose = halfClose;
	}

	public Duration getHalfCloseTimeout() {
		return this.halfCloseTimeout;
	}

	public void setHalfCloseTimeout(Duration halfCloseTimeout) {
		this.halfCloseTimeout = halfCloseTimeout;
	}

	public boolean isOpenEofCheck() {
		return this.openEofCheck;
	}

	public void setOpenEofCheck(boolean openEofCheck) {
		this.openEofCheck = openEofCheck;
	}

	public boolean isOpenEofSplit() {
		return this.openEofSplit;
	}

	public void setOpenEofSplit(boolean openEofSplit) {
		this.openEofSplit = openEofSplit;
	}

	public String getPackageEof() {
		return this.packageEof;
	}

	public void setPackageEof(String packageEof) {
		this.packageEof = packageEof;
	}

	public boolean isOpenLengthCheck() {
		return this.openLengthCheck;
	}

	public void setOpenLengthCheck(boolean openLengthCheck) {
		this.openLengthCheck = openLengthCheck;
	}

	public char getPackageLengthType() {
		return this.packageLengthType;
	}

	public void setPackageLengthType(char packageLengthType) {
		this.packageLengthType = packageLengthType;
	}

	public int getPackageLengthOffset() {
		return this.packageLengthOffset;
	}

	public void setPackageLengthOffset(int packageLengthOffset) {
		this.packageLengthOffset = packageLengthOffset;
	}

	public int getPackageBodyOffset() {
		return this.packageBodyOffset;
	}

	public void setPackageBodyOffset(int packageBodyOffset) {
		this.packageBodyOffset = packageBodyOffset;
	}

	public @Nullable String getPackageLengthFunc() {
		return this.packageLengthFunc;
	}

	public void setPackageLengthFunc(@Nullable String packageLengthFunc) {
		this.packageLengthFunc = packageLengthFunc;
	}

	public boolean isOpenMqttProtocol() {
		return this.openMqttProtocol;
	}

	public void setOpenMqttProtocol(boolean openMqttProtocol) {
		this.openMqttProtocol = openMqttProtocol;
	}

	public boolean isPackageStrip() {
		return this.packageStrip;
	}

	public void setPackageStrip(boolean packageStrip) {
		this.packageStrip = packageStrip;
	}

	public DataSize getPackageMaxLength() {
		return this.packageMaxLength;
	}

	public void setPackageMaxLength(DataSize packageMaxLength) {
		this.packageMaxLength = packageMaxLength;
	}

	/**
	 * The properties of TLS.
	 */
	public static class Ssl {

		/**
		 * Name of the SSL bundle with the certificate to show. If not set, connections
		 * are not encrypted.
		 */
		private @Nullable String bundle;

		/**
		 * Whether clients have to show a certificate, which the trust store of the bundle
		 * must know.
		 */
		private ClientAuth clientAuth = ClientAuth.NONE;

		/**
		 * Names of the SSL bundles with the certificates to show clients that ask for a
		 * host name, by that name. In YAML names with dots are written in brackets; *.b
		 * stands for all names with one label before .b.
		 */
		private Map<String, String> sni = new LinkedHashMap<>();

		public @Nullable String getBundle() {
			return this.bundle;
		}

		public void setBundle(@Nullable String bundle) {
			this.bundle = bundle;
		}

		public ClientAuth getClientAuth() {
			return this.clientAuth;
		}

		public void setClientAuth(ClientAuth clientAuth) {
			this.clientAuth = clientAuth;
		}

		public Map<String, String> getSni() {
			return this.sni;
		}

		public void setSni(Map<String, String> sni) {
			this.sni = sni;
		}

	}

	/**
	 * Whether clients show certificates.
	 */
	public enum ClientAuth {

		/** They are not asked for one. */
		NONE,

		/** They may; one that is not trusted ends the handshake. */
		WANT,

		/** They must. */
		NEED

	}

}
