package io.swoole.spring.handler;

import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashSet;
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
		Map<HandlerEvent, Integer> nearest = new EnumMap<>(HandlerEvent.class);
		for (MergedAnnotation<?> annotation : annotations) {
			HandlerEvent event = HandlerEvent.of(annotation.getType());
			if (event != null) {
				nearest.merge(event, annotation.getAggregateIndex(), Math::min);
			}
		}
		Collection<HandlerMark> marks = new LinkedHashSet<>();
		for (HandlerEvent event : nearest.keySet()) {
			for (MergedAnnotation<?> annotation : annotations) {
				if (annotation.getType() == event.annotation()
						&& annotation.getAggregateIndex() == nearest.get(event)) {
					marks.add(new HandlerMark(event, event.isPerListener() ? annotation.getString("port") : ""));
				}
			}
		}
		return marks;
	}

}
