package io.swoole.server.limit;

import java.net.InetAddress;
import java.util.List;

import io.swoole.server.Cidr;
import io.swoole.server.Internal;
import io.swoole.server.ListenerOptions;
import org.jspecify.annotations.Nullable;

/**
 * From where clients may connect to a listener.
 */
@Internal
public final class AddressFilter {

	private final List<Cidr> allowed;

	private final List<Cidr> denied;

	/**
	 * Creates the filter of a listener.
	 * @param listener its settings
	 */
	public AddressFilter(ListenerOptions listener) {
		this.allowed = listener.allowFrom().stream().map(Cidr::parse).toList();
		this.denied = listener.denyFrom().stream().map(Cidr::parse).toList();
	}

	/**
	 * Decides about an address.
	 * @param address the address
	 * @return why it may not connect, {@code null} if it may
	 */
	public @Nullable String refuse(InetAddress address) {
		if (contains(this.denied, address)) {
			return "deny-from has its address";
		}
		if (!this.allowed.isEmpty() && !contains(this.allowed, address)) {
			return "allow-from does not have its address";
		}
		return null;
	}

	private static boolean contains(List<Cidr> networks, InetAddress address) {
		for (Cidr network : networks) {
			if (network.contains(address)) {
				return true;
			}
		}
		return false;
	}

}
