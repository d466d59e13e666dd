package dev.countersign.policy;

import dev.countersign.keys.CertificateFile;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.storage.StorageException;
import dev.countersign.trust.CrlFile;
import dev.countersign.trust.RevocationLists;
import dev.countersign.trust.SigstoreFile;
import dev.countersign.trust.TrustException;
import java.nio.file.InvalidPathException;
import java.security.cert.X509Certificate;
import java.util.List;

/** Where a policy's files are read. */
interface PolicySources {

  /**
   * Returns a public key as {@code PublicKeyFile.pem} writes it.
   *
   * @param file as the policy names it
   * @throws InvalidPathException if that is no path
   */
  String key(String file) throws KeyFormatException, StorageException;

  /** Returns the certificates of a file in DER, at least one. */
  List<byte[]> certificates(String file, CertificateFile.Use use)
      throws KeyFormatException, StorageException;

  /** Requires that lists may be used. */
  default void requireUsable(CrlFile list, List<X509Certificate> known) throws TrustException {
    RevocationLists unused = RevocationLists.of(List.of(list), known);
  }

  /** Returns a file that describes a Sigstore instance. */
  SigstoreFile sigstore(String file) throws StorageException;

  /** Returns a file with revocation lists. */
  CrlFile revocationList(String file) throws TrustException, StorageException;
}
