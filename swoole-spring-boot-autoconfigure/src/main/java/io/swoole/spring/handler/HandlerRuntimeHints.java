package io.swoole.spring.handler;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.ReflectionHints;
import org.springframework.aot.hint.TypeReference;
import org.springframework.core.ResolvableType;
import org.springframework.util.ClassUtils;

/**
 * What is looked up by reflection while handlers are planned, bound and called.
 */
final class HandlerRuntimeHints {

	private final BindingReflectionHintsRegistrar binding = new BindingReflectionHintsRegistrar();

	private final ReflectionHints hints;

	HandlerRuntimeHints(ReflectionHints hints) {
		this.hints = hints;
	}

	/**
	 * The methods which method handles are made of, whatever handlers there are.
	 */
	void registerCallbacks() {
		for (HandlerEvent event : HandlerEvent.values()) {
			event.signature().getters().forEach(this::invoke);
			Class<?> function = event.functionalInterface();
			if (function != null) {
				Arrays.stream(function.getMethods())
					.filter((method) -> Modifier.isAbstract(method.getModifiers()))
					.forEach(this::invoke);
			}
		}
		invoke(ReplyConversion.class, "convert");
		invoke(ReturnAdapter.class, "toResult", "watch");
		invoke(PacketPayload.class, "toText", "toBytes", "toByteBuffer");
		invoke(Function.class, "apply");
		invoke(Supplier.class, "get");
	}

	/**
	 * Virtual threads, which the library looks up by name as it is compiled for Java 17.
	 */
	void registerVirtualThreads() {
		this.hints.registerType(Thread.class,
				(thread) -> thread.withMethod("isVirtual", List.of(), ExecutableMode.INVOKE)
					.withMethod("ofVirtual", List.of(), ExecutableMode.INVOKE));
		this.hints.registerType(TypeReference.of("java.lang.Thread$Builder$OfVirtual"),
				(builder) -> builder.withMethod("name", List.of(TypeReference.of(String.class)), ExecutableMode.INVOKE)
					.withMethod("inheritInheritableThreadLocals", List.of(TypeReference.of(boolean.class)),
							ExecutableMode.INVOKE)
					.withMethod("factory", List.of(), ExecutableMode.INVOKE));
	}

	/**
	 * A handler: the method itself, what a proxy has of it, and the types which packets
	 * are read into and written from.
	 * @param type the type of the bean, which says what type variables stand for
	 * @param method the method
	 * @param marks the events it handles
	 */
	void register(ResolvableType type, Method method, Collection<HandlerMark> marks) {
		invoke(method);
		InterfaceMethods.implementedBy(method, type.toClass()).forEach(this::invoke);
		DeclaredTypes types = new DeclaredTypes(type, method);
		for (HandlerMark mark : marks) {
			Payload payload = mark.event().signature().payload();
			if (payload != null && payload.isPacket()) {
				bind(types, method, payload);
			}
		}
	}

	private void bind(DeclaredTypes types, Method method, Payload payload) {
		for (Type parameter : method.getGenericParameterTypes()) {
			ResolvableType resolved = types.resolve(parameter);
			Class<?> raw = resolved.toClass();
			if (payload.extractor(raw) == null && !ClassUtils.isPrimitiveOrWrapper(raw)
					&& !HandlerEvent.isValueOfAny(raw)) {
				this.binding.registerReflectionHints(this.hints, resolved.getType());
			}
		}
		ResolvableType reply = LaterValues.valueType(types.resolve(method.getGenericReturnType()));
		if (!ReplyConversion.isPlain(reply.toClass())) {
			this.binding.registerReflectionHints(this.hints, reply.getType());
		}
	}

	private void invoke(Class<?> type, String... names) {
		List<String> wanted = List.of(names);
		Arrays.stream(type.getDeclaredMethods())
			.filter((method) -> wanted.contains(method.getName()))
			.forEach(this::invoke);
	}

	private void invoke(Method method) {
		this.hints.registerMethod(method, ExecutableMode.INVOKE);
	}

}
