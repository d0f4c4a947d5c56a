package io.swoole.spring.handler;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;

/**
 * What an annotation says about a class or method.
 *
 * @param event the event it handles
 * @param port the name of the listener whose events it handles, empty for all without a
 * handler of their own
 */
record HandlerMark(HandlerEvent event, String port) {

	/**
	 * The marks among annotations, present directly or as meta-annotations. Those of a
	 * class or method count for an event instead of those it inherits.
	 * @param annotations the annotations of a class or method
	 * @return the marks in the order of the events
	 */
	static Collection<HandlerMark> of(MergedAnnotations annotations) {
		Map<HandlerEvent, List<MergedAnnotation<?>>> byEvent = new EnumMap<>(HandlerEvent.class);
		annotations.stream().forEach((annotation) -> {
			HandlerEvent event = HandlerEvent.of(annotation.getType());
			if (event != null) {
				byEvent.computeIfAbsent(event, (key) -> new ArrayList<>()).add(annotation);
			}
		});
		Collection<HandlerMark> marks = new LinkedHashSet<>();
		byEvent.forEach((event, present) -> {
			int nearest = present.stream().mapToInt(MergedAnnotation::getAggregateIndex).min().orElseThrow();
			present.stream()
				.filter((annotation) -> annotation.getAggregateIndex() == nearest)
				.forEach((annotation) -> marks
					.add(new HandlerMark(event, event.isPerListener() ? annotation.getString("port") : "")));
		});
		return marks;
	}

}
