package io.swoole.server;

/**
 * The interface to the operating system that moves the bytes.
 */
public enum TransportType {

	/** The first that works here: epoll, kqueue, NIO. */
	AUTO,

	/** Linux, needs Netty's native library. */
	EPOLL,

	/** macOS and BSD, needs Netty's native library. */
	KQUEUE,

	/** Java's own, works everywhere. */
	NIO

}
