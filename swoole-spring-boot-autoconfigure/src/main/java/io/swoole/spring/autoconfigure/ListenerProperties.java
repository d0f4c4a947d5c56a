package io.swoole.spring.autoconfigure;

import org.springframework.boot.convert.DataSizeUnit;
import org.springframework.util.unit.DataSize;
import org.springframework.util.unit.DataUnit;

/**
 * The properties of one listener.
 */
public abstract class ListenerProperties {

	/**
	 * Local address to listen on.
	 */
	private String host = "127.0.0.1";

	/**
	 * Number of connections the operating system keeps until they are accepted.
	 */
	private int backlog = 512;

	/**
	 * Whether small packets are sent at once, without Nagle's algorithm.
	 */
	private boolean openTcpNodelay = true;

	/**
	 * Number of bytes that may wait to be written to a connection before sends are
	 * refused. If a unit suffix is not specified, bytes are used. Zero means no limit.
	 */
	@DataSizeUnit(DataUnit.BYTES)
	private DataSize socketBufferSize = DataSize.ofMegabytes(8);

	/**
	 * Whether packets end with a terminator.
	 */
	private boolean openEofSplit = false;

	/**
	 * Terminator of packets, 1 to 8 bytes. Characters as they are or the escapes \r, \n,
	 * \t, \0, \xHH and \\.
	 */
	private String packageEof = "\r\n\r\n";

	/**
	 * Whether packets begin with a header that tells their length.
	 */
	private boolean openLengthCheck = false;

	/**
	 * How the length is written, as a letter of PHP's pack(): N for 4 bytes or n for 2
	 * bytes, both unsigned and big-endian.
	 */
	private char packageLengthType = 'N';

	/**
	 * Number of bytes before the length.
	 */
	private int packageLengthOffset = 0;

	/**
	 * Number of bytes from the beginning of the packet that the length does not count.
	 */
	private int packageBodyOffset = 4;

	/**
	 * Size of the largest packet, including its header or terminator. If a unit suffix is
	 * not specified, bytes are used.
	 */
	@DataSizeUnit(DataUnit.BYTES)
	private DataSize packageMaxLength = DataSize.ofMegabytes(2);

	public String getHost() {
		return this.host;
	}

	public void setHost(String host) {
		this.host = host;
	}

	public int getBacklog() {
		return this.backlog;
	}

	public void setBacklog(int backlog) {
		this.backlog = backlog;
	}

	public boolean isOpenTcpNodelay() {
		return this.openTcpNodelay;
	}

	public void setOpenTcpNodelay(boolean openTcpNodelay) {
		this.openTcpNodelay = openTcpNodelay;
	}

	public DataSize getSocketBufferSize() {
		return this.socketBufferSize;
	}

	public void setSocketBufferSize(DataSize socketBufferSize) {
		this.socketBufferSize = socketBufferSize;
	}

	public boolean isOpenEofSplit() {
		return this.openEofSplit;
	}

	public void setOpenEofSplit(boolean openEofSplit) {
		this.openEofSplit = openEofSplit;
	}

	public String getPackageEof() {
		return this.packageEof;
	}

	public void setPackageEof(String packageEof) {
		this.packageEof = packageEof;
	}

	public boolean isOpenLengthCheck() {
		return this.openLengthCheck;
	}

	public void setOpenLengthCheck(boolean openLengthCheck) {
		this.openLengthCheck = openLengthCheck;
	}

	public char getPackageLengthType() {
		return this.packageLengthType;
	}

	public void setPackageLengthType(char packageLengthType) {
		this.packageLengthType = packageLengthType;
	}

	public int getPackageLengthOffset() {
		return this.packageLengthOffset;
	}

	public void setPackageLengthOffset(int packageLengthOffset) {
		this.packageLengthOffset = packageLengthOffset;
	}

	public int getPackageBodyOffset() {
		return this.packageBodyOffset;
	}

	public void setPackageBodyOffset(int packageBodyOffset) {
		this.packageBodyOffset = packageBodyOffset;
	}

	public DataSize getPackageMaxLength() {
		return this.packageMaxLength;
	}

	public void setPackageMaxLength(DataSize packageMaxLength) {
		this.packageMaxLength = packageMaxLength;
	}

}
