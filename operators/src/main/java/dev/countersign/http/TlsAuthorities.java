package dev.countersign.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Makes TLS contexts that accept the certificates of given authorities, in addition to those in the
 * JDK's trust store.
 */
final class TlsAuthorities {

  private TlsAuthorities() {}

  /**
   * Returns a context.
   *
   * @param der certificates of the authorities
   * @throws IllegalArgumentException if one cannot be read
   */
  static SSLContext context(List<byte[]> der) {
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      List<X509Certificate> known = known();
      for (int i = 0; i < known.size(); i++) {
        store.setCertificateEntry("jdk-" + i, known.get(i));
      }
      for (int i = 0; i < der.size(); i++) {
        store.setCertificateEntry(
            "authority-" + i, factory.generateCertificate(new ByteArrayInputStream(der.get(i))));
      }
      TrustManagerFactory trust = trust(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException("a certificate authority for TLS cannot be used", e);
    }
  }

  private static List<X509Certificate> known() throws GeneralSecurityException {
    for (TrustManager manager : trust(null).getTrustManagers()) {
      if (manager instanceof X509TrustManager certificates) {
        return List.of(certificates.getAcceptedIssuers());
      }
    }
    return List.of();
  }

  private static TrustManagerFactory trust(@Nullable KeyStore store)
      throws GeneralSecurityException {
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    return trust;
  }
}
