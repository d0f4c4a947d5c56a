package io.swoole.server;

/**
 * Names of the handlers in the Netty pipeline of a connection, so that a customizer can
 * put its own before or after them.
 *
 * @see ServerOptions.Builder#pipelineCustomizer
 */
public final class PipelineNames {

	/**
	 * Reads the PROXY protocol header of a connection to a listener that has
	 * {@code proxy-protocol}. Removed, and the other handlers added, when it has come.
	 */
	public static final String PROXY_PROTOCOL = "swoole.proxy-protocol";

	/**
	 * Decrypts and encrypts, if the listener has TLS. What is before it sees TLS records.
	 */
	public static final String SSL = "swoole.ssl";

	/**
	 * Cuts the incoming bytes into packets. Sees {@code ByteBuf}s of any size and passes
	 * on one {@code ByteBuf} per packet.
	 */
	public static final String FRAME_DECODER = "swoole.frame-decoder";

	/**
	 * Connects the channel to the server: hands packets to the dispatcher and reports the
	 * end of the connection.
	 */
	public static final String CONNECTION = "swoole.connection";

	/**
	 * Reads files piece by piece. Added to a connection with its first file, where a
	 * handler such as TLS must see the bytes; other connections do without.
	 */
	public static final String FILE_WRITER = "swoole.file-writer";

	private PipelineNames() {
	}

}
