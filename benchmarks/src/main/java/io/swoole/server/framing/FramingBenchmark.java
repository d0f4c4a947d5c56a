package io.swoole.server.framing;

import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What finding the end of a packet costs, by its terminator and by its length.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class FramingBenchmark {

	/** Length of a packet in bytes. */
	@Param({ "64", "1024", "65536" })
	int length;

	private final Framer eof = new EofSplitFramer(new byte[] { '\r', '\n', '\r', '\n' }, 1 << 20);

	private final Framer header = new LengthFramer(LengthType.N, 0, 4, 1 << 20);

	private ByteBuf terminated = Unpooled.EMPTY_BUFFER;

	private ByteBuf measured = Unpooled.EMPTY_BUFFER;

	/**
	 * Makes one packet of each kind.
	 */
	@Setup
	public void packets() {
		this.terminated = Unpooled.directBuffer(this.length).writeZero(this.length - 4);
		this.terminated.writeBytes(new byte[] { '\r', '\n', '\r', '\n' });
		this.measured = Unpooled.directBuffer(this.length).writeInt(this.length - 4).writeZero(this.length - 4);
	}

	/**
	 * The scan for a terminator at the end of the packet.
	 * @return the length of the packet
	 * @throws MalformedPacketException never
	 */
	@Benchmark
	public int eofScan() throws MalformedPacketException {
		return this.eof.measure(this.terminated);
	}

	/**
	 * The length from the header.
	 * @return the length of the packet
	 * @throws MalformedPacketException never
	 */
	@Benchmark
	public int lengthDecode() throws MalformedPacketException {
		return this.header.measure(this.measured);
	}

}
