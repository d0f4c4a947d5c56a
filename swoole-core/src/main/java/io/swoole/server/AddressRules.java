package io.swoole.server;

import java.nio.charset.StandardCharsets;
import java.util.List;

import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses go with which type of listener, and which settings have no effect on
 * it.
 */
final class AddressRules {

	/** What Linux leaves in {@code sun_path}. */
	private static final int LONGEST_UNIX_PATH = 107;

	private final ListenerOptions options;

	private AddressRules(ListenerOptions options) {
		this.options = options;
	}

	/** The host of a listener, the loopback address of its family if none is set. */
	static String host(ListenerType type, @Nullable String host) {
		if (host != null) {
			return host;
		}
		return type.isUnix() ? "" : type.isIpv6() ? "::1" : "127.0.0.1";
	}

	static void check(ListenerOptions options) {
		AddressRules rules = new AddressRules(options);
		if (options.type().isUnix()) {
			rules.checkUnix();
		}
		else {
			rules.checkInternet();
		}
		if (options.type().isDatagram()) {
			rules.checkDatagram();
		}
	}

	private void checkUnix() {
		String path = this.options.host();
		check(!path.isBlank(), "host", path, "must be the path of the unix socket");
		int length = path.getBytes(StandardCharsets.UTF_8).length;
		check(length <= LONGEST_UNIX_PATH, "host", path,
				"the path of a unix socket is at most " + LONGEST_UNIX_PATH + " bytes long, this one is " + length);
		checkAnybody("allow-from", this.options.allowFrom());
		checkAnybody("deny-from", this.options.denyFrom());
		String permissions = this.options.unixSocketPermissions();
		check(permissions == null || UnixPermissions.isValid(permissions), "unix-socket-permissions", permissions,
				"allowed is octal with a leading 0 as in \"0660\" (in YAML in quotes), or rw-rw----");
	}

	private void checkAnybody(String option, List<String> networks) {
		check(networks.isEmpty(), option, networks,
				"clients of a unix socket have no addresses: use unix-socket-permissions");
	}

	private void checkInternet() {
		String host = this.options.host();
		boolean ipv6 = this.options.type().isIpv6();
		check(!host.isBlank(), "host", host, "must not be empty");
		check(!ipv6 || !NetUtil.isValidIpV4Address(host), "host", host,
				"it is an IPv4 address: set an IPv6 address, or type to tcp or udp");
		check(ipv6 || !NetUtil.isValidIpV6Address(host), "host", host,
				"it is an IPv6 address: set type to tcp6 or udp6");
		check(this.options.port() >= 0 && this.options.port() <= 65535, "port", this.options.port(),
				"allowed are 1 to 65535, and 0 for any free port");
		check(this.options.unixSocketPermissions() == null, "unix-socket-permissions",
				this.options.unixSocketPermissions(), "only unix sockets have permissions");
	}

	private void checkDatagram() {
		checkOff("open-eof-split", this.options.openEofSplit());
		checkOff("open-eof-check", this.options.openEofCheck());
		checkOff("open-length-check", this.options.openLengthCheck());
		checkOff("open-mqtt-protocol", this.options.openMqttProtocol());
		check(this.options.packageLengthFunc() == null, "package-length-func", this.options.packageLengthFunc(),
				"a datagram is a packet as it is: leave it off");
		check(this.options.ssl() == null, "ssl", this.options.ssl(), "datagrams cannot be encrypted: there is no DTLS");
		check(!this.options.proxyProtocol(), "proxy-protocol", true, "a listener for datagrams has no connections");
	}

	private void checkOff(String option, boolean on) {
		check(!on, option, true, "a datagram is a packet as it is: leave it off");
	}

	private void check(boolean valid, String option, @Nullable Object value, String reason) {
		if (!valid) {
			throw new InvalidOptionException(this.options.name(), option, value, reason);
		}
	}

}
