package io.swoole.spring.handler;

import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.swoole.server.ClientInfo;
import io.swoole.server.Connection;
import io.swoole.server.Packet;
import io.swoole.server.SwooleServer;
import org.jspecify.annotations.Nullable;

/**
 * What a callback is called with, and what a handler may ask for in its stead: values by
 * type, numbers by name, and a payload.
 */
final class CallbackSignature {

	private final List<Class<?>> arguments;

	private final Map<Class<?>, Value> values = new LinkedHashMap<>();

	private final Map<String, Value> numbers = new LinkedHashMap<>();

	/** Where the payload is, if it is what methods of an argument return. */
	private @Nullable Value data;

	private @Nullable Payload payload;

	private CallbackSignature(List<Class<?>> arguments) {
		this.arguments = arguments;
		value(0, SwooleServer.class);
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
			.value(ClientInfo.class, new Value(1, Connection.class, "clientInfo"))
			.number("fd", 1, Connection.class, "fd")
			.number("reactorId", 1, Connection.class, "clientInfo", "reactorId")
			.number("workerId", 0, SwooleServer.class, "getWorkerId")
			.number("serverPort", 1, Connection.class, "clientInfo", "serverPort");
	}

	/**
	 * Offers an argument by its type.
	 * @param index the position of the argument
	 * @param type its type
	 * @return this signature
	 */
	CallbackSignature value(int index, Class<?> type) {
		return value(type, new Value(index, type));
	}

	/**
	 * Offers an argument that is a number by name.
	 * @param name the name of the parameter
	 * @param index the position of the argument
	 * @return this signature
	 */
	CallbackSignature number(String name, int index) {
		return number(name, index, this.arguments.get(index));
	}

	/**
	 * Offers a number that an argument has by name.
	 * @param name the name of the parameter
	 * @param index the position of the argument
	 * @param argument the type of the argument
	 * @param methods the methods that lead to the number, see {@link Extractor#of}
	 * @return this signature
	 */
	CallbackSignature number(String name, int index, Class<?> argument, String... methods) {
		this.numbers.put(name, new Value(index, argument, methods));
		return this;
	}

	CallbackSignature packet(int index) {
		this.payload = new PacketPayload(index);
		return this;
	}

	CallbackSignature datagram(int index) {
		this.payload = new DatagramPayload(index);
		this.data = new Value(index, Packet.class, "data");
		return this;
	}

	/**
	 * Offers an object of any type.
	 * @param name what it is called when the user is told
	 * @param index the position of the argument that has it
	 * @param argument the type of the argument
	 * @param methods the methods that lead to the object, see {@link Extractor#of}
	 * @return this signature
	 */
	CallbackSignature object(String name, int index, Class<?> argument, String... methods) {
		this.data = new Value(index, argument, methods);
		this.payload = new ObjectPayload(name, this.data, Object.class);
		return this;
	}

	/**
	 * Offers an argument that is an exception.
	 * @param index the position of the argument
	 * @return this signature
	 */
	CallbackSignature exception(int index) {
		this.payload = new ObjectPayload("exception", new Value(index, Throwable.class), Throwable.class);
		return this;
	}

	private CallbackSignature value(Class<?> type, Value value) {
		this.values.put(type, value);
		return this;
	}

	/**
	 * The methods that values, numbers and the payload are got by.
	 * @return the methods
	 */
	Stream<Method> getters() {
		return Stream.of(this.values.values().stream(), this.numbers.values().stream(), Stream.ofNullable(this.data))
			.flatMap((values) -> values)
			.flatMap((value) -> Extractor.methods(value.argument(), value.methods()).stream());
	}

	MethodType methodType() {
		return MethodType.methodType(Object.class, this.arguments);
	}

	@Nullable Extractor value(Class<?> type) {
		Value value = this.values.get(type);
		return (value != null) ? value.extractor() : null;
	}

	boolean hasValue(Class<?> type) {
		return this.values.containsKey(type);
	}

	boolean hasNumbers() {
		return !this.numbers.isEmpty();
	}

	@Nullable Extractor number(String name) {
		Value number = this.numbers.get(name);
		return (number != null) ? number.extractor() : null;
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
		this.numbers.forEach(
				(name, number) -> allowed.add(number.extractor().handle().type().returnType().getName() + " " + name));
		if (this.payload != null) {
			allowed.add(this.payload.allowedTypes());
		}
		return String.join(", ", allowed);
	}

	/**
	 * Where a value is; most events have no handler, and nothing is made for them.
	 *
	 * @param index the position of the argument
	 * @param argument its type
	 * @param methods the methods that lead to the value
	 */
	record Value(int index, Class<?> argument, String... methods) {

		Extractor extractor() {
			return Extractor.of(this.index, this.argument, this.methods);
		}

	}

}
