package io.swoole.spring.handler;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.aot.hint.annotation.Reflective;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link HandlerEvent}.
 */
class HandlerEventTests {

	/** On methods and on annotations; on beans where there is an interface for them. */
	@ParameterizedTest
	@EnumSource
	void whenEventHasAnAnnotationThenItStandsWhereTheOthersMay(HandlerEvent event) {
		Class<?> annotation = event.annotation();
		assertThat(annotation.getAnnotation(Target.class).value()).containsExactlyInAnyOrder(ElementType.METHOD,
				(event.functionalInterface() != null) ? ElementType.TYPE : ElementType.ANNOTATION_TYPE);
		assertThat(annotation.getAnnotation(Retention.class).value()).isEqualTo(RetentionPolicy.RUNTIME);
		assertThat(annotation).hasAnnotations(Documented.class, Reflective.class);
	}

	/** Most values are looked up by name when a handler first asks for them. */
	@ParameterizedTest
	@EnumSource
	void whenEventOffersParametersThenAllOfThemAreThere(HandlerEvent event) {
		CallbackSignature signature = event.signature();
		assertThat(signature.allowedParameters()).contains("SwooleServer");
		Payload payload = signature.payload();
		if (payload != null && !payload.isPacket()) {
			assertThat(payload.extractor(signature.methodType().lastParameterType())).isNotNull();
		}
	}

}
