package io.swoole.server;

import java.util.Arrays;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of the error codes. Where each comes from is tested with the operation.
 */
class SwooleErrorTests {

	@ParameterizedTest
	@CsvSource({ "104, ECONNRESET", "502, SYSTEM_CALL_FAIL", "503, PHP_FATAL_ERROR", "504, NAME_TOO_LONG",
			"505, INVALID_PARAMS", "507, OPERATION_NOT_SUPPORT", "509, WRONG_OPERATION", "550, NO_PAYLOAD",
			"1001, SESSION_CLOSED_BY_SERVER", "1002, SESSION_CLOSED_BY_CLIENT", "1003, SESSION_CLOSING",
			"1004, SESSION_CLOSED", "1005, SESSION_NOT_EXIST", "1006, SESSION_INVALID_ID",
			"1007, SESSION_DISCARD_TIMEOUT_DATA", "1009, OUTPUT_BUFFER_OVERFLOW", "1014, SSL_VERIFY_FAILED",
			"1015, SSL_BAD_CLIENT", "1201, PACKAGE_LENGTH_TOO_LARGE", "1202, PACKAGE_LENGTH_NOT_FOUND",
			"1203, DATA_LENGTH_TOO_LARGE", "1204, PACKAGE_MALFORMED_DATA", "2001, TASK_PACKAGE_TOO_BIG",
			"2002, TASK_DISPATCH_FAIL", "2003, TASK_TIMEOUT", "6002, SOCKET_POLL_TIMEOUT", "9002, TOO_MANY_SOCKET",
			"9004, INVALID_LISTEN_PORT", "9007, NO_IDLE_WORKER", "9009, SEND_IN_MASTER", "9013, IS_NOT_REGULAR_FILE",
			"9014, SEND_TO_WOKER_TIMEOUT", "9015, INVALID_CALLBACK", "9101, WORKER_EXIT_TIMEOUT",
			"10018, CO_TIMEDOUT" })
	void whenSwooleHasAnErrorThenItHasTheSameNumber(int code, SwooleError error) {
		assertThat(error.code()).isEqualTo(code);
	}

	@Test
	void whenErrorsAreDifferentThenSoAreTheirNumbers() {
		assertThat(Arrays.stream(SwooleError.values()).map(SwooleError::code)).doesNotHaveDuplicates()
			.doesNotContain(721, 1010, 9008, 9103)
			.contains(SwooleError.NONE.code());
		assertThat(SwooleError.NONE.code()).isZero();
	}

}
