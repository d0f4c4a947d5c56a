package io.swoole.spring.autoconfigure;

import java.util.ArrayList;
import java.util.List;

import io.swoole.server.ListenerOptions;
import io.swoole.server.ServerOptions;

import org.springframework.beans.factory.ListableBeanFactory;

/**
 * Adds to the options what listeners need beside plain properties: the listeners beside
 * the main one, and the beans that properties name.
 */
final class ListenersCustomizer implements SwooleServerCustomizer {

	private final SwooleServerProperties main;

	private final List<AdditionalListenerProperties> additional;

	private final PackageLengthFunctions lengthFunctions;

	private final SslContexts sslContexts;

	ListenersCustomizer(SwooleServerProperties main, List<AdditionalListenerProperties> additional,
			ListableBeanFactory beans, SslContexts sslContexts) {
		this.main = main;
		this.additional = additional;
		List<ListenerProperties> all = new ArrayList<>(additional);
		all.add(main);
		this.lengthFunctions = new PackageLengthFunctions(beans, all);
		this.sslContexts = sslContexts;
	}

	@Override
	public void customize(ServerOptions.Builder builder) {
		applyBeans("main", this.main, builder.main());
		for (AdditionalListenerProperties properties : this.additional) {
			String name = String.valueOf(properties.getName());
			builder.listener(name, (listener) -> {
				ServerOptionsFactory.apply(name, properties, listener);
				Integer port = properties.getPort();
				if (port != null) {
					listener.port(port);
				}
				applyBeans(name, properties, listener);
			});
		}
	}

	private void applyBeans(String name, ListenerProperties properties, ListenerOptions.Builder listener) {
		if (!properties.getType().isDatagram()) {
			listener.packageLengthFunc(this.lengthFunctions.find(name, properties));
		}
		listener.ssl(this.sslContexts.create(name, properties));
	}

}
