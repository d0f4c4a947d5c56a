package io.swoole.server;

import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The permissions of a unix socket: the two ways to write them. Octal needs its leading
 * zero: YAML reads an unquoted {@code 0660} as the number 432, which would be other
 * permissions.
 */
@Internal
public final class UnixPermissions {

	private static final Pattern OCTAL = Pattern.compile("0[0-7]{3}");

	private static final Pattern SYMBOLIC = Pattern.compile("([r-][w-][x-]){3}");

	private UnixPermissions() {
	}

	static boolean isValid(String text) {
		return OCTAL.matcher(text).matches() || SYMBOLIC.matcher(text).matches();
	}

	/**
	 * Reads permissions.
	 * @param text permissions in one of the two ways
	 * @return the permissions
	 */
	public static Set<PosixFilePermission> parse(String text) {
		if (!OCTAL.matcher(text).matches()) {
			return PosixFilePermissions.fromString(text);
		}
		int bits = Integer.parseInt(text, 8);
		Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
		for (PosixFilePermission permission : PosixFilePermission.values()) {
			// declared from the owner's read (0400) to the others' execute (0001)
			if ((bits & (0400 >> permission.ordinal())) != 0) {
				permissions.add(permission);
			}
		}
		return permissions;
	}

}
