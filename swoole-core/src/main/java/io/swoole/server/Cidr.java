package io.swoole.server;

import java.net.InetAddress;
import java.util.Arrays;

import io.netty.util.NetUtil;

/**
 * A network: the addresses that begin with the same bits; what an address has behind them
 * does not count. An IPv4 address that is written as an IPv6 one
 * ({@code ::ffff:10.0.0.7}) is the IPv4 address.
 */
@Internal
public final class Cidr {

	private static final int IPV4_MAPPED_BITS = 96;

	private final byte[] network;

	private final int bits;

	private Cidr(byte[] network, int bits) {
		this.network = network;
		this.bits = bits;
	}

	/**
	 * Reads a network.
	 * @param text an address, or an address and the number of leading bits that count,
	 * such as {@code 10.0.0.0/8}
	 * @return the network
	 * @throws IllegalArgumentException saying what is wrong and what is allowed
	 */
	public static Cidr parse(String text) {
		String trimmed = text.trim();
		int slash = trimmed.indexOf('/');
		String literal = (slash < 0) ? trimmed : trimmed.substring(0, slash);
		byte[] address = NetUtil.createByteArrayFromIpAddressString(literal);
		// the lenient parser ignores a scope, which a network cannot have
		if (address == null || literal.indexOf('%') >= 0 || literal.indexOf('[') >= 0) {
			throw new IllegalArgumentException(
					"'" + text + "' is no address: write 10.0.0.7, 10.0.0.0/8, ::1 or fd00::/8");
		}
		int most = address.length * 8;
		int bits = (slash < 0) ? most : bits(trimmed.substring(slash + 1));
		if (bits < 0 || bits > most) {
			throw new IllegalArgumentException("allowed behind the slash of '" + text + "' are 0 to " + most);
		}
		if (isMapped(address) && bits >= IPV4_MAPPED_BITS) {
			address = Arrays.copyOfRange(address, 12, 16);
			bits -= IPV4_MAPPED_BITS;
		}
		return new Cidr(address, bits);
	}

	private static int bits(String text) {
		return text.matches("[0-9]{1,3}") ? Integer.parseInt(text) : -1;
	}

	/**
	 * Whether an address belongs to this network.
	 * @param address the address
	 * @return {@code true} if so
	 */
	public boolean contains(InetAddress address) {
		byte[] bytes = address.getAddress();
		if (isMapped(bytes)) {
			bytes = Arrays.copyOfRange(bytes, 12, 16);
		}
		if (bytes.length != this.network.length) {
			return false;
		}
		int whole = this.bits / 8;
		for (int i = 0; i < whole; i++) {
			if (bytes[i] != this.network[i]) {
				return false;
			}
		}
		int rest = this.bits % 8;
		return rest == 0 || ((bytes[whole] ^ this.network[whole]) & 0xff) >>> (8 - rest) == 0;
	}

	private static boolean isMapped(byte[] address) {
		if (address.length != 16 || address[10] != -1 || address[11] != -1) {
			return false;
		}
		for (int i = 0; i < 10; i++) {
			if (address[i] != 0) {
				return false;
			}
		}
		return true;
	}

	@Override
	public String toString() {
		return NetUtil.bytesToIpAddress(this.network) + "/" + this.bits;
	}

}
