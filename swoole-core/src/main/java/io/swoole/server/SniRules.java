package io.swoole.server;

import java.net.IDN;
import java.util.regex.Pattern;

/**
 * Which names a listener can have certificates for. Others would be accepted and match no
 * client.
 */
final class SniRules {

	private static final Pattern NAME = Pattern.compile("(\\*\\.)?[^.*:\\s]+(\\.[^.*:\\s]+)*");

	private SniRules() {
	}

	static void check(ListenerOptions options) {
		SslOptions ssl = options.ssl();
		if (ssl != null) {
			for (String host : ssl.sni().keySet()) {
				if (!isValid(host)) {
					throw new InvalidOptionException(options.name(), "ssl.sni[" + host + "]", host,
							"allowed are names such as a.test and *.b.test");
				}
			}
		}
	}

	private static boolean isValid(String host) {
		try {
			return NAME.matcher(host).matches() && !IDN.toASCII(host).isEmpty();
		}
		catch (IllegalArgumentException ex) {
			return false; // such as a label that is too long
		}
	}

}
