package io.swoole.benchmarks.contender;

import java.nio.charset.StandardCharsets;

/**
 * What every contender is told and must answer.
 *
 * @param port where to listen on the loopback interface
 * @param tasks whether every answer takes the way through a task
 */
record Work(int port, boolean tasks) {

	static final String HOST = "127.0.0.1";

	static final String TERMINATOR = "\r\n\r\n";

	static final int TASK_THREADS = 4;

	private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK";

	static Work of(String[] arguments) {
		return new Work(Integer.parseInt(arguments[0]), arguments[1].equals("T"));
	}

	static byte[] answer() {
		return ANSWER.getBytes(StandardCharsets.US_ASCII);
	}

}
