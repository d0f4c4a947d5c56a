package io.swoole.spring.handler;

import java.util.concurrent.Future;

/**
 * What becomes of the value a handler returns.
 */
enum ReturnRule {

	/** Nothing. */
	IGNORED("void, or one value that comes later as a CompletionStage or Mono") {

		@Override
		boolean allows(Class<?> type) {
			return LaterValues.allows(type) || Future.class.isAssignableFrom(type);
		}

	},

	/** It is sent to the client. */
	REPLY("void, byte[], ByteBuf, CharSequence, an object to be written as JSON or by a PayloadConverter, or one of"
			+ " those that comes later as a CompletionStage or Mono") {

		@Override
		boolean allows(Class<?> type) {
			return LaterValues.allows(type);
		}

	},

	/** It is the result of the task. */
	RESULT("void, the result itself, or one result that comes later as a CompletionStage or Mono") {

		@Override
		boolean allows(Class<?> type) {
			return LaterValues.allows(type);
		}

	};

	private final String allowedTypes;

	ReturnRule(String allowedTypes) {
		this.allowedTypes = allowedTypes;
	}

	abstract boolean allows(Class<?> type);

	/**
	 * The types a handler may return, to be shown to the user.
	 * @return the types
	 */
	String allowedTypes() {
		return this.allowedTypes;
	}

}
