package io.swoole.server;

import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * The facts of a connection at one moment. Swoole: {@code Server->getClientInfo()}.
 * Further components may follow: do not call the constructor or deconstruct it.
 *
 * @param fd the session id
 * @param reactorId the event loop that reads and writes
 * @param workerId the event worker that owns the connection
 * @param listener the name of the listener
 * @param serverPort the local port
 * @param remoteAddress the address of the client; for a unix socket a
 * {@link java.net.UnixDomainSocketAddress}, usually without a name
 * @param connectTime when it was accepted
 * @param lastReceiveTime when bytes last arrived; the time of connecting if none did
 * @param lastSendTime when bytes were last written; the time of connecting if none were
 * @param lastDispatchTime when the last packet was handed to a worker; the time of
 * connecting if none was
 * @param uid the user id bound to the connection, 0 if none
 * @param receiveQueuedBytes bytes received but not handled yet
 * @param sendQueuedBytes bytes accepted for sending but not written yet
 * @param closeErrno 104 after a reset by the client, otherwise 0
 * @param clientCertificate the certificate the client has shown
 */
public record ClientInfo(long fd, int reactorId, int workerId, String listener, int serverPort,
		SocketAddress remoteAddress, Instant connectTime, Instant lastReceiveTime, Instant lastSendTime,
		Instant lastDispatchTime, long uid, long receiveQueuedBytes, long sendQueuedBytes, int closeErrno,
		@Nullable X509Certificate clientCertificate) {

}
