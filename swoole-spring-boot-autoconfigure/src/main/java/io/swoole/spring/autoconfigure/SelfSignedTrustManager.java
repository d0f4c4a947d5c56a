package io.swoole.spring.autoconfigure;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts clients whose certificate nobody but themselves has signed, beside those another
 * trust manager knows. Swoole: {@code ssl_allow_self_signed}.
 */
final class SelfSignedTrustManager extends X509ExtendedTrustManager {

	private final X509ExtendedTrustManager known;

	private SelfSignedTrustManager(X509ExtendedTrustManager known) {
		this.known = known;
	}

	static TrustManager of(TrustManager[] managers) {
		return Arrays.stream(managers)
			.filter(X509ExtendedTrustManager.class::isInstance)
			.map(X509ExtendedTrustManager.class::cast)
			.findFirst()
			.map(SelfSignedTrustManager::new)
			.orElseThrow(() -> new IllegalStateException("it has no trust manager for X.509 certificates"));
	}

	@Override
	public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
			throws CertificateException {
		if (!isSelfSigned(chain)) {
			this.known.checkClientTrusted(chain, authType, engine);
		}
	}

	@Override
	public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
			throws CertificateException {
		if (!isSelfSigned(chain)) {
			this.known.checkClientTrusted(chain, authType, socket);
		}
	}

	@Override
	public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
		if (!isSelfSigned(chain)) {
			this.known.checkClientTrusted(chain, authType);
		}
	}

	private static boolean isSelfSigned(X509Certificate[] chain) throws CertificateException {
		if (chain.length != 1 || !chain[0].getSubjectX500Principal().equals(chain[0].getIssuerX500Principal())) {
			return false;
		}
		try {
			chain[0].verify(chain[0].getPublicKey());
		}
		catch (GeneralSecurityException ex) {
			return false;
		}
		chain[0].checkValidity();
		return true;
	}

	@Override
	public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
			throws CertificateException {
		this.known.checkServerTrusted(chain, authType, engine);
	}

	@Override
	public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
			throws CertificateException {
		this.known.checkServerTrusted(chain, authType, socket);
	}

	@Override
	public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
		this.known.checkServerTrusted(chain, authType);
	}

	/** No names: a client with another issuer would show no certificate at all. */
	@Override
	public X509Certificate[] getAcceptedIssuers() {
		return new X509Certificate[0];
	}

}
