package io.swoole.spring.handler;

import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

import io.swoole.server.ClientInfo;
import io.swoole.server.Connection;
import io.swoole.server.SwooleServer;
import org.jspecify.annotations.Nullable;

/**
 * What a callback is called with, and what a handler may ask for in its stead: values by
 * type, numbers by name, and a payload.
 */
final class CallbackSignature {

	private final List<Class<?>> arguments;

	private final Map<Class<?>, Extractor> values = new LinkedHashMap<>();

	private final Map<String, Extractor> numbers = new LinkedHashMap<>();

	private @Nullable Payload payload;

	private CallbackSignature(List<Class<?>> arguments) {
		this.arguments = arguments;
		value(SwooleServer.class, Extractor.argument(0, SwooleServer.class));
	}

	/**
	 * A callback with the server and further arguments.
	 * @param arguments the types of the arguments after the server
	 * @return the signature
	 */
	static CallbackSignature of(Class<?>... arguments) {
		List<Class<?>> all = new ArrayList<>();
		all.add(SwooleServer.class);
		all.addAll(List.of(arguments));
		return new CallbackSignature(all);
	}

	/**
	 * A callback about a connection, which comes right after the server.
	 * @param arguments the types of the arguments after the connection
	 * @return the signature
	 */
	static CallbackSignature ofConnection(Class<?>... arguments) {
		List<Class<?>> all = new ArrayList<>();
		all.add(SwooleServer.class);
		all.add(Connection.class);
		all.addAll(List.of(arguments));
		return new CallbackSignature(all).value(1, Connection.class)
			.value(ClientInfo.class, Extractor.of(1, Connection.class, ClientInfo.class, Connection::clientInfo))
			.numberOfLong("fd", 1, Connection.class, Connection::fd)
			.numberOfInt("reactorId", 1, Connection.class, (connection) -> connection.clientInfo().reactorId())
			.numberOfInt("workerId", 0, SwooleServer.class, SwooleServer::getWorkerId)
			.numberOfInt("serverPort", 1, Connection.class, (connection) -> connection.clientInfo().serverPort());
	}

	/**
	 * Offers an argument by its type.
	 * @param index the position of the argument
	 * @param type its type
	 * @return this signature
	 */
	CallbackSignature value(int index, Class<?> type) {
		return value(type, Extractor.argument(index, type));
	}

	/**
	 * Offers an argument that is a number by name.
	 * @param name the name of the parameter
	 * @param index the position of the argument
	 * @return this signature
	 */
	CallbackSignature number(String name, int index) {
		this.numbers.put(name, Extractor.argument(index, this.arguments.get(index)));
		return this;
	}

	<A> CallbackSignature numberOfInt(String name, int index, Class<A> argument, ToIntFunction<A> function) {
		this.numbers.put(name, Extractor.ofInt(index, argument, function));
		return this;
	}

	<A> CallbackSignature numberOfLong(String name, int index, Class<A> argument, ToLongFunction<A> function) {
		this.numbers.put(name, Extractor.ofLong(index, argument, function));
		return this;
	}

	CallbackSignature packet(int index) {
		this.payload = new PacketPayload(index);
		return this;
	}

	CallbackSignature datagram(int index) {
		this.payload = new DatagramPayload(index);
		return this;
	}

	<A> CallbackSignature object(String name, int index, Class<A> argument, Function<A, @Nullable Object> data) {
		this.payload = new ObjectPayload<>(name, index, argument, data);
		return this;
	}

	/**
	 * Offers an argument that is an exception.
	 * @param index the position of the argument
	 * @return this signature
	 */
	CallbackSignature exception(int index) {
		this.payload = new ObjectPayload<>("exception", index, Throwable.class, (exception) -> exception,
				Throwable.class);
		return this;
	}

	private CallbackSignature value(Class<?> type, Extractor extractor) {
		this.values.put(type, extractor);
		return this;
	}

	MethodType methodType() {
		return MethodType.methodType(Object.class, this.arguments);
	}

	@Nullable Extractor value(Class<?> type) {
		return this.values.get(type);
	}

	boolean hasNumbers() {
		return !this.numbers.isEmpty();
	}

	@Nullable Extractor number(String name) {
		return this.numbers.get(name);
	}

	@Nullable Payload payload() {
		return this.payload;
	}

	/**
	 * All a handler may ask for, to be shown to the user.
	 * @return the parameters
	 */
	String allowedParameters() {
		List<String> allowed = new ArrayList<>();
		this.values.keySet().forEach((type) -> allowed.add(type.getSimpleName()));
		this.numbers
			.forEach((name, extractor) -> allowed.add(extractor.handle().type().returnType().getName() + " " + name));
		if (this.payload != null) {
			allowed.add(this.payload.allowedTypes());
		}
		return String.join(", ", allowed);
	}

}
