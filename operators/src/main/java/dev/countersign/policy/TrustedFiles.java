package dev.countersign.policy;

import dev.countersign.keys.CertificateFile;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.StoreUri;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.List;

/** Reads public keys and certificates from the local disk or a store. */
public final class TrustedFiles {

  private static final int KEY_MEBIBYTES = 1;
  private static final int CERTIFICATES_MEBIBYTES = 32;

  private TrustedFiles() {}

  /**
   * Reads a public key.
   *
   * @param file an absolute path, or a URI with a scheme
   */
  public static PublicKey publicKey(String file) throws KeyFormatException, StorageException {
    return StoreUri.hasScheme(file)
        ? PublicKeyFile.read(Storages.readFully(Storages.absolute(file, "/"), KEY_MEBIBYTES), file)
        : PublicKeyFile.load(file);
  }

  /**
   * Reads certificates.
   *
   * @param file an absolute path, or a URI with a scheme
   */
  public static List<X509Certificate> certificates(String file, CertificateFile.Use use)
      throws KeyFormatException, StorageException {
    return StoreUri.hasScheme(file)
        ? CertificateFile.read(
            Storages.readFully(Storages.absolute(file, "/"), CERTIFICATES_MEBIBYTES), file, use)
        : CertificateFile.load(file, use);
  }
}
