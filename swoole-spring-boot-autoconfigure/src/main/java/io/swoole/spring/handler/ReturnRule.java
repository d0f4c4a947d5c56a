package io.swoole.spring.handler;

import io.netty.buffer.ByteBuf;

/**
 * What becomes of the value a handler returns.
 */
enum ReturnRule {

	/** Nothing. */
	IGNORED("anything") {

		@Override
		boolean allows(Class<?> type) {
			return true;
		}

	},

	/** It is sent to the client. */
	REPLY("void, byte[], ByteBuf or CharSequence") {

		@Override
		boolean allows(Class<?> type) {
			return type == void.class || type == Void.class || type == byte[].class
					|| ByteBuf.class.isAssignableFrom(type) || CharSequence.class.isAssignableFrom(type);
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
