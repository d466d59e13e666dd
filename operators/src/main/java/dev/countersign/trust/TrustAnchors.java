package dev.countersign.trust;

import dev.countersign.keys.CertificateDecoder;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.text.Printable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The certificates that a caller trusts. They come from the caller alone: a certificate out of a
 * bundle is never one of them. Thread safe.
 */
public final class TrustAnchors {

  static final String PATH_PROPERTY = "javax.net.ssl.trustStore";
  private static final String PASSWORD_PROPERTY = "javax.net.ssl.trustStorePassword";
  private static final String TYPE_PROPERTY = "javax.net.ssl.trustStoreType";

  private static final int MAX_STORE_BYTES = 64 << 20;

  /** In the caller's order. */
  private final Set<X509Certificate> certificates;

  private TrustAnchors(List<X509Certificate> certificates) {
    this.certificates = Collections.unmodifiableSet(new LinkedHashSet<>(certificates));
  }

  /**
   * Returns the anchors that the caller names.
   *
   * @param certificates each is trusted for what it is: a CA, self-signed or not, for whatever it
   *     issued, another certificate for itself alone; at least one
   * @throws IllegalArgumentException if the list is empty
   */
  public static TrustAnchors of(List<X509Certificate> certificates) {
    if (certificates.isEmpty()) {
      throw new IllegalArgumentException("No certificate to trust");
    }
    return new TrustAnchors(certificates);
  }

  /**
   * Returns the certificates that this JVM trusts: those of the key store that the system property
   * {@code javax.net.ssl.trustStore} names, else those of the JDK's {@code lib/security/cacerts}.
   *
   * @throws TrustException if the store is not there, cannot be read, or holds no certificate
   */
  public static TrustAnchors ofJdk() throws TrustException {
    String set = System.getProperty(PATH_PROPERTY, "");
    String name =
        set.isEmpty() ? System.getProperty("java.home", "") + "/lib/security/cacerts" : set;
    List<X509Certificate> certificates = certificates(read(name), name);
    if (certificates.isEmpty()) {
      throw refuse(name, "holds no trusted certificate");
    }
    return of(certificates);
  }

  boolean contains(X509Certificate certificate) {
    return certificates.contains(certificate);
  }

  /** Returns the anchors in the caller's order, each once; cannot be modified. */
  public Set<X509Certificate> certificates() {
    return certificates;
  }

  private static byte[] read(String name) throws TrustException {
    try (InputStream in = Files.newInputStream(Path.of(name))) {
      byte[] bytes = in.readNBytes(MAX_STORE_BYTES + 1);
      if (bytes.length > MAX_STORE_BYTES) {
        throw refuse(name, "is larger than 64 MiB, the limit");
      }
      return bytes;
    } catch (NoSuchFileException | InvalidPathException e) {
      throw refuse(name, "does not exist on this machine");
    } catch (AccessDeniedException e) {
      throw refuse(name, "may not be read by this user");
    } catch (IOException e) {
      throw refuse(name, "cannot be read (" + e.getClass().getSimpleName() + ")");
    }
  }

  private static List<X509Certificate> certificates(byte[] bytes, String name)
      throws TrustException {
    // Without a password the store's integrity is not checked, as TLS has it too.
    String password = System.getProperty(PASSWORD_PROPERTY, "");
    try {
      KeyStore store =
          KeyStore.getInstance(System.getProperty(TYPE_PROPERTY, KeyStore.getDefaultType()));
      store.load(
          new ByteArrayInputStream(bytes), password.isEmpty() ? null : password.toCharArray());
      List<X509Certificate> certificates = new ArrayList<>();
      for (String alias : Collections.list(store.aliases())) {
        if (store.isCertificateEntry(alias)
            && store.getCertificate(alias) instanceof X509Certificate certificate
            && isSound(certificate)) {
          certificates.add(certificate);
        }
      }
      return certificates;
    } catch (GeneralSecurityException | IOException e) {
      throw refuse(
          name,
          "is not a key store, or the system property " + PASSWORD_PROPERTY + " does not open it");
    }
  }

  /** What is not encoded as certificates have to be is left out, like what is no certificate. */
  private static boolean isSound(X509Certificate certificate) {
    try {
      X509Certificate unused = CertificateDecoder.decode(certificate.getEncoded());
      return true;
    } catch (CertificateException e) {
      return false;
    }
  }

  private static TrustException refuse(String name, String problem) {
    return new TrustException(
        "Cannot use " + Printable.of(name) + " as this JVM's trust store: it " + problem + ".",
        Remedy.of("Name the certificates to trust with %s.", Setting.CERTIFICATE_CHAIN));
  }
}
