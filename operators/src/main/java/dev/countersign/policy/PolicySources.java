package dev.countersign.policy;

import dev.countersign.keys.CertificateFile;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.trust.CrlFile;
import dev.countersign.trust.TrustException;
import java.nio.file.InvalidPathException;
import java.util.List;

/** Where a policy's files are read. */
interface PolicySources {

  /**
   * Returns a public key as {@code PublicKeyFile.pem} writes it.
   *
   * @param file as the policy names it
   * @throws InvalidPathException if that is no path
   */
  String key(String file) throws KeyFormatException;

  /** Returns the certificates of a file in DER, at least one. */
  List<byte[]> certificates(String file, CertificateFile.Use use) throws KeyFormatException;

  /** Returns a file with revocation lists. */
  CrlFile revocationList(String file) throws TrustException;
}
