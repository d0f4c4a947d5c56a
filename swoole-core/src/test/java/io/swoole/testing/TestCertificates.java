package io.swoole.testing;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * An authority that issues certificates, made anew for every test.
 */
public final class TestCertificates {

	private static final AtomicLong SERIAL = new AtomicLong(System.currentTimeMillis());

	private final Identity authority;

	public TestCertificates(String name) {
		this.authority = issue(name, null, Instant.now().plus(Duration.ofDays(1)), true);
	}

	/** The certificate to trust. */
	public X509Certificate authority() {
		return this.authority.certificate();
	}

	/** A certificate for a host name or a client. */
	public Identity issue(String name) {
		return issue(name, this.authority, Instant.now().plus(Duration.ofDays(1)), false);
	}

	/** A certificate that was valid until yesterday. */
	public Identity issueExpired(String name) {
		return issue(name, this.authority, Instant.now().minus(Duration.ofDays(1)), false);
	}

	/** A certificate nobody but its owner has signed. */
	public static Identity selfSigned(String name) {
		return issue(name, null, Instant.now().plus(Duration.ofDays(1)), false);
	}

	private static Identity issue(String name, @Nullable Identity issuer, Instant end, boolean authority) {
		try {
			KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
			generator.initialize(256);
			KeyPair keys = generator.generateKeyPair();
			X500Name subject = new X500Name("CN=" + name);
			X500Name signer = (issuer != null) ? new X500Name(issuer.certificate().getSubjectX500Principal().getName())
					: subject;
			X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(signer,
					BigInteger.valueOf(SERIAL.incrementAndGet()), Date.from(Instant.now().minus(Duration.ofDays(30))),
					Date.from(end), subject, keys.getPublic());
			builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
			if (!authority) {
				builder.addExtension(Extension.subjectAlternativeName, false,
						new GeneralNames(new GeneralName[] { new GeneralName(GeneralName.dNSName, name),
								new GeneralName(GeneralName.iPAddress, "127.0.0.1") }));
			}
			PrivateKey key = (issuer != null) ? issuer.key() : keys.getPrivate();
			X509Certificate certificate = new JcaX509CertificateConverter()
				.getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
			return new Identity(keys.getPrivate(), certificate);
		}
		catch (GeneralSecurityException | OperatorCreationException | IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** What a client needs that trusts this authority and has no certificate. */
	public SSLContext clientContext() {
		return clientContext(null);
	}

	/** What a client needs that trusts this authority and shows a certificate. */
	public SSLContext clientContext(@Nullable Identity identity) {
		try {
			KeyStore trusted = KeyStore.getInstance("PKCS12");
			trusted.load(null, null);
			trusted.setCertificateEntry("authority", authority());
			TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
			trust.init(trusted);
			SSLContext context = SSLContext.getInstance("TLS");
			context.init((identity != null) ? identity.keyManagers().getKeyManagers() : null, trust.getTrustManagers(),
					null);
			return context;
		}
		catch (GeneralSecurityException | IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Writes a certificate in PEM form. */
	public static Path write(X509Certificate certificate, Path file) {
		return writePem(certificate, file);
	}

	private static Path writePem(Object content, Path file) {
		try (StringWriter text = new StringWriter(); JcaPEMWriter writer = new JcaPEMWriter(text)) {
			writer.writeObject(content);
			writer.flush();
			return Files.writeString(file, text.toString());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * A certificate and its key.
	 *
	 * @param key the private key
	 * @param certificate the certificate
	 */
	public record Identity(PrivateKey key, X509Certificate certificate) {

		/** Writes the certificate in PEM form. */
		public Path writeCertificate(Path file) {
			return writePem(this.certificate, file);
		}

		/** Writes the key in PEM form. */
		public Path writeKey(Path file) {
			try {
				return writePem(new JcaPKCS8Generator(this.key, null), file);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		KeyManagerFactory keyManagers() throws GeneralSecurityException, IOException {
			KeyStore store = KeyStore.getInstance("PKCS12");
			store.load(null, null);
			store.setKeyEntry("identity", this.key, new char[0], new Certificate[] { this.certificate });
			KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
			factory.init(store, new char[0]);
			return factory;
		}

	}

}
