package io.swoole.server.limit;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

import com.sun.management.UnixOperatingSystemMXBean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many files the operating system lets this process open.
 */
final class OpenFiles {

	private static final Logger logger = LoggerFactory.getLogger(OpenFiles.class);

	private static final Path LIMITS = Path.of("/proc/self/limits");

	private static final String NAME = "Max open files";

	private OpenFiles() {
	}

	/**
	 * The limit. Linux tells it in a file, which spares the start of the management
	 * beans.
	 * @return the limit, {@link Long#MAX_VALUE} if there is none or it is not known
	 */
	static long limit() {
		try {
			if (Files.isReadable(LIMITS)) {
				return parse(Files.readString(LIMITS));
			}
		}
		catch (IOException | NumberFormatException | SecurityException ex) {
			logger.debug("{} cannot be read", LIMITS, ex);
		}
		return ofManagementBean();
	}

	/**
	 * Finds the limit that is in force.
	 * @param limits the lines of the file: name, soft limit, hard limit, unit
	 * @return the limit
	 * @throws NumberFormatException if it is not there
	 */
	static long parse(String limits) {
		for (String line : limits.split("\n")) {
			if (line.startsWith(NAME)) {
				String soft = line.substring(NAME.length()).trim().split("\\s+")[0];
				return "unlimited".equals(soft) ? Long.MAX_VALUE : Long.parseLong(soft);
			}
		}
		throw new NumberFormatException("There is no line with " + NAME);
	}

	private static long ofManagementBean() {
		try {
			if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
					&& system.getMaxFileDescriptorCount() > 0) {
				return system.getMaxFileDescriptorCount();
			}
		}
		catch (LinkageError ex) {
			logger.debug("This runtime does not tell how many files may be open", ex);
		}
		return Long.MAX_VALUE;
	}

}
