package io.swoole.spring.handler;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.core.ResolvableType;
import org.springframework.util.ClassUtils;

/**
 * A method that handles an event, with a fixed plan for its parameters. Making one checks
 * everything that can be known from the types.
 *
 * @param event the event
 * @param port the name of the listener whose events it handles, empty for all without a
 * handler of their own
 * @param beanName the bean to call
 * @param method the method as the user has written it, or that of the functional
 * interface
 * @param extractors what the parameters get, in their order
 * @param payloadType the type of the payload parameter, {@code Object} if there is none
 * @param annotated what carries the annotation: the method, or the class or the
 * {@code @Bean} method of the bean
 * @param json whether the payload is read as JSON
 * @param reply makes what can be sent of what it returns, {@code null} if that is sent as
 * it is, or not at all
 */
record HandlerMethod(HandlerEvent event, String port, String beanName, Method method, List<Extractor> extractors,
		Class<?> payloadType, AnnotatedElement annotated, boolean json, @Nullable ReplyConversion reply) {

	private static final Set<Class<?>> NUMBERS = Set.of(int.class, long.class, Integer.class, Long.class);

	/**
	 * Plans the call of a method.
	 * @param mark what its annotation says
	 * @param beanName the bean to call
	 * @param beanType the type of the bean, which says what type variables stand for
	 * @param method the method
	 * @param annotated what carries the annotation
	 * @param formats the formats of packets
	 * @return the plan
	 * @throws InvalidHandlerException if the method cannot handle the event
	 */
	static HandlerMethod of(HandlerMark mark, String beanName, ResolvableType beanType, Method method,
			AnnotatedElement annotated, PacketFormats formats) {
		return new Planner(mark, beanName, beanType, method, annotated, formats).plan();
	}

	/**
	 * An exception that says what is wrong with this method.
	 * @param problem what is wrong, after the name of the method
	 * @param action what to do
	 * @return the exception
	 */
	InvalidHandlerException invalid(String problem, String action) {
		return new InvalidHandlerException("The %s method %s %s".formatted(this.event, this, problem), action);
	}

	/**
	 * Names the method so that a user finds it.
	 * @return the method and its bean
	 */
	@Override
	public String toString() {
		return describe(this.method, this.beanName);
	}

	static String describe(Method method, String beanName) {
		String parameters = Arrays.stream(method.getParameterTypes())
			.map(Class::getSimpleName)
			.collect(Collectors.joining(", "));
		return "%s.%s(%s) of bean '%s'".formatted(method.getDeclaringClass().getName(), method.getName(), parameters,
				beanName);
	}

	private static final class Planner {

		private final HandlerEvent event;

		private final String port;

		private final CallbackSignature signature;

		private final String beanName;

		private final Method method;

		private final AnnotatedElement annotated;

		private final PacketFormats formats;

		private final DeclaredTypes types;

		private @Nullable Class<?> payloadType;

		private boolean json;

		Planner(HandlerMark mark, String beanName, ResolvableType beanType, Method method, AnnotatedElement annotated,
				PacketFormats formats) {
			this.event = mark.event();
			this.port = mark.port();
			this.signature = mark.event().signature();
			this.beanName = beanName;
			this.method = method;
			this.annotated = annotated;
			this.formats = formats;
			this.types = new DeclaredTypes(beanType, method);
		}

		HandlerMethod plan() {
			if (Modifier.isPrivate(this.method.getModifiers())) {
				throw invalid("is private.", "Make it package-private, protected or public.");
			}
			ReplyConversion reply = planReply();
			List<Extractor> extractors = new ArrayList<>();
			for (Parameter parameter : this.method.getParameters()) {
				extractors.add(extractor(parameter,
						this.types.toClass(parameter.getParameterizedType(), parameter.getType())));
			}
			return new HandlerMethod(this.event, this.port, this.beanName, this.method, List.copyOf(extractors),
					(this.payloadType != null) ? this.payloadType : Object.class, this.annotated, this.json, reply);
		}

		private @Nullable ReplyConversion planReply() {
			ReturnRule rule = this.event.returnRule();
			Class<?> type = this.types.toClass(this.method.getGenericReturnType(), this.method.getReturnType());
			if (!rule.allows(type)) {
				throw invalid("returns %s, which is not supported.".formatted(type.getName()),
						"Let it return %s.".formatted(rule.allowedTypes()));
			}
			if (rule != ReturnRule.REPLY || ReplyConversion.isPlain(type)) {
				return null;
			}
			ResolvableType generic = this.types.resolve(this.method.getGenericReturnType());
			ReplyConversion reply = ReplyConversion.of(generic, this.formats);
			if (reply == null) {
				throw invalid("returns %s, which nothing can write.".formatted(generic),
						"Let it return byte[], ByteBuf or CharSequence. " + PacketFormats.JSON_HINT);
			}
			return reply;
		}

		private Extractor extractor(Parameter parameter, Class<?> type) {
			Extractor value = this.signature.value(type);
			if (value != null) {
				return value;
			}
			if (NUMBERS.contains(type) && this.signature.hasNumbers()) {
				Extractor number = number(parameter, type);
				if (number != null) {
					return number;
				}
			}
			return payload(parameter, type);
		}

		private @Nullable Extractor number(Parameter parameter, Class<?> type) {
			if (!parameter.isNamePresent()) {
				throw invalid(
						"has a parameter of type %s, and what it means depends on its name, which its class file does not tell."
							.formatted(type.getSimpleName()),
						"Compile the class with the option '-parameters'.");
			}
			Extractor number = this.signature.number(parameter.getName());
			if (number == null) {
				return null;
			}
			Class<?> expected = number.handle().type().returnType();
			if (type != expected && type != ClassUtils.resolvePrimitiveIfNecessary(expected)) {
				throw invalid(
						"has a parameter '%s %s' of the wrong type.".formatted(type.getSimpleName(),
								parameter.getName()),
						"Declare it as '%s %s'.".formatted(expected, parameter.getName()));
			}
			return number.as(type);
		}

		private Extractor payload(Parameter parameter, Class<?> type) {
			Payload payload = this.signature.payload();
			Extractor extractor = (payload != null) ? payload.extractor(type) : null;
			if (extractor == null && payload != null && payload.isPacket()) {
				extractor = packet(payload, parameter);
			}
			if (extractor == null) {
				throw invalid("has an unsupported parameter: %s.".formatted(describe(parameter, type)), allowed());
			}
			if (this.payloadType != null) {
				throw invalid("has one parameter too many: %s is the payload, and so is %s."
					.formatted(this.payloadType.getSimpleName(), describe(parameter, type)), allowed());
			}
			this.payloadType = ClassUtils.resolvePrimitiveIfNecessary(type);
			return extractor;
		}

		private @Nullable Extractor packet(Payload payload, Parameter parameter) {
			PacketReader reader = this.formats.reader(this.types.resolve(parameter.getParameterizedType()));
			if (reader == null) {
				return null;
			}
			this.json |= reader.json();
			return payload.extractor(reader);
		}

		private static String describe(Parameter parameter, Class<?> type) {
			return "'" + type.getTypeName() + (parameter.isNamePresent() ? " " + parameter.getName() : "") + "'";
		}

		private String allowed() {
			String allowed = "Parameters of an %s method are, in any order: %s.".formatted(this.event,
					this.signature.allowedParameters());
			Payload payload = this.signature.payload();
			if (payload == null || !payload.isPacket()) {
				return allowed;
			}
			return allowed + (this.formats.hasJson()
					? " In place of the latter any type that JSON or a PayloadConverter bean can be read into."
					: " " + PacketFormats.JSON_HINT);
		}

		private InvalidHandlerException invalid(String problem, String action) {
			return new InvalidHandlerException("The %s method %s %s".formatted(this.event,
					HandlerMethod.describe(this.method, this.beanName), problem), action);
		}

	}

}
