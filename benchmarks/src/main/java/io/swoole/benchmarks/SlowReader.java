package io.swoole.benchmarks;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures whether 100 clients suffer from one that asks for 200 MB and never reads: the
 * 99th percentile of their echo with and without it, in turn.
 */
public final class SlowReader {

	private static final Load OTHERS = new Load("others", 100, 1);

	private SlowReader() {
	}

	/**
	 * Runs the measurement.
	 * @param arguments see {@link Arguments}
	 * @throws Exception if something cannot be started
	 */
	public static void main(String[] arguments) throws Exception {
		Arguments chosen = Arguments.parse(arguments);
		Setup setup = new Setup(chosen.module());
		Contender.Environment environment = setup.prepare();
		Path log = chosen.module().resolve("target/server.log");
		List<String> command = new ArrayList<>(environment.java());
		command.add("io.swoole.benchmarks.contender.BulkServer");
		try (ServerProcess server = ServerProcess.start((port) -> {
			command.add(String.valueOf(port));
			return command;
		}, log)) {
			OTHERS.run(setup.script(), server.port(), chosen.warmUp());
			double[] ratios = new double[chosen.rounds()];
			for (int round = 0; round < ratios.length; round++) {
				Load.Report alone = OTHERS.run(setup.script(), server.port(), chosen.seconds());
				Load.Report beside = beside(setup, server, chosen.seconds());
				ratios[round] = (double) beside.p99() / alone.p99();
				System.out.printf("round %d: p99 alone %d us, beside the slow reader %d us, ratio %.2f, server %d MB%n",
						round + 1, alone.p99(), beside.p99(), ratios[round], server.residentMegabytes());
			}
			System.out.printf("median ratio %.2f (target: at most 2.00)%n", Results.median(ratios));
		}
	}

	private static Load.Report beside(Setup setup, ServerProcess server, int seconds)
			throws IOException, InterruptedException {
		try (Socket slow = new Socket()) {
			slow.setReceiveBufferSize(4096);
			slow.connect(new InetSocketAddress("127.0.0.1", server.port()));
			OutputStream out = slow.getOutputStream();
			out.write("GET /bulk HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
			return OTHERS.run(setup.script(), server.port(), seconds);
		}
	}

}
