package io.swoole.server;

import java.net.InetAddress;

import io.netty.util.NetUtil;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link Cidr}.
 */
class CidrTests {

	@ParameterizedTest
	@CsvSource({ "10.0.0.0/8, 10.0.0.0, true", "10.0.0.0/8, 10.255.255.255, true", "10.0.0.0/8, 11.0.0.0, false",
			"10.0.0.0/8, 9.255.255.255, false", "192.168.5.0/23, 192.168.4.1, true",
			"192.168.5.0/23, 192.168.5.255, true", "192.168.5.0/23, 192.168.6.0, false", "10.0.0.7, 10.0.0.7, true",
			"10.0.0.7, 10.0.0.8, false", "0.0.0.0/0, 203.0.113.9, true", "0.0.0.0/0, ::1, false",
			"128.0.0.0/1, 255.0.0.1, true", "128.0.0.0/1, 127.0.0.1, false", "203.0.113.4/31, 203.0.113.5, true",
			"203.0.113.4/31, 203.0.113.6, false", "::1, ::1, true", "::1, ::2, false", "fd00::/8, fdff::1, true",
			"fd00::/8, fe00::1, false", "2001:db8::/33, 2001:db8:7fff::1, true",
			"2001:db8::/33, 2001:db8:8000::1, false", "::/0, fe80::1, true", "::/0, 10.0.0.1, false",
			"::ffff:10.0.0.0/104, 10.1.2.3, true", "::ffff:10.0.0.0/104, 11.1.2.3, false",
			"10.0.0.0/8, ::ffff:10.1.2.3, true" })
	void whenAddressBeginsWithTheSameBitsThenIsContained(String network, String address, boolean contained)
			throws Exception {
		InetAddress parsed = InetAddress.getByAddress(NetUtil.createByteArrayFromIpAddressString(address));
		assertThat(Cidr.parse(network).contains(parsed)).isEqualTo(contained);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "localhost", "10.0.0", "10.0.0.256", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/",
			"10.0.0.0/8/8", "10.0.0.0/ 8", "::1/129", "fe80::1%eth0", "[::1]", "10.0.0.0/+8", "1:2:3" })
	void whenTextIsNoNetworkThenSaysSo(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> Cidr.parse(text)).withMessageContaining("'" + text + "'");
	}

}
