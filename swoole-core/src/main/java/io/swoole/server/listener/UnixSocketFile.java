package io.swoole.server.listener;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

import io.swoole.server.InvalidOptionException;
import io.swoole.server.ListenerOptions;
import io.swoole.server.PortInUseException;
import io.swoole.server.ServerException;
import io.swoole.server.UnixPermissions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a unix socket. One that a crashed server left behind is in the way of the
 * next and is removed; nothing else is.
 */
final class UnixSocketFile {

	private static final Logger logger = LoggerFactory.getLogger(UnixSocketFile.class);

	/** The type of a file and its value for a socket, in the mode that stat() returns. */
	private static final int TYPE = 0170000;

	private static final int SOCKET = 0140000;

	private final ListenerOptions options;

	private final Path path;

	/** Tells the file of this server from one that has taken its place. */
	private @Nullable Object key;

	private boolean removed;

	UnixSocketFile(ListenerOptions options) {
		this.options = options;
		this.path = Path.of(options.host());
	}

	/** Removes the file of a server that is gone. */
	void makeRoom() {
		try {
			BasicFileAttributes attributes = attributes();
			if (!isSocket(attributes)) {
				throw new ServerException("Listener '" + this.options.name() + "' cannot be bound to " + this.path
						+ ": the file exists and is no socket", null);
			}
			if (isInUse()) {
				throw new PortInUseException(this.options.name(), this.options.host(), 0,
						new IOException("another process listens on it"));
			}
			Files.delete(this.path);
			logger.info("Removed {}, which a server that is gone had left behind", this.path);
		}
		catch (NoSuchFileException ex) {
			// the usual case
		}
		catch (IOException ex) {
			throw ListenAddress.failure(this.options, ex);
		}
	}

	/** The socket has been bound: sets the permissions of its file. */
	void created() {
		try {
			this.key = attributes().fileKey();
			String permissions = this.options.unixSocketPermissions();
			if (permissions != null) {
				Files.setPosixFilePermissions(this.path, UnixPermissions.parse(permissions));
			}
		}
		catch (UnsupportedOperationException ex) {
			throw new InvalidOptionException(this.options.name(), "unix-socket-permissions",
					this.options.unixSocketPermissions(), "this system has no such permissions: remove the setting");
		}
		catch (IOException ex) {
			throw ListenAddress.failure(this.options, ex);
		}
	}

	/** Removes the file, unless another server has put its own in place of it. */
	void remove() {
		if (this.removed) {
			return;
		}
		this.removed = true;
		try {
			if (this.key == null || this.key.equals(attributes().fileKey())) {
				Files.delete(this.path);
			}
		}
		catch (NoSuchFileException ex) {
			// removed with the socket
		}
		catch (IOException ex) {
			logger.warn("Cannot remove {}, the socket file of listener '{}'", this.path, this.options.name(), ex);
		}
	}

	private BasicFileAttributes attributes() throws IOException {
		return Files.readAttributes(this.path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
	}

	private boolean isSocket(BasicFileAttributes attributes) throws IOException {
		try {
			int mode = (int) Files.getAttribute(this.path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
			return (mode & TYPE) == SOCKET;
		}
		catch (UnsupportedOperationException | IllegalArgumentException ex) {
			return attributes.isOther();
		}
	}

	/**
	 * Asks the operating system, which refuses only if nobody has bound the file; it
	 * fails in another way for a datagram socket, or one of another user. Doesn't wait
	 * for a server that accepts slowly.
	 */
	private boolean isInUse() throws IOException {
		try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
			probe.configureBlocking(false);
			probe.connect(UnixDomainSocketAddress.of(this.path));
			return true;
		}
		catch (ConnectException ex) {
			return false;
		}
		catch (IOException ex) {
			logger.debug("{} cannot be connected to", this.path, ex);
			return true;
		}
	}

}
