package dev.countersign.signing;

import dev.countersign.oms.SignatureMethod;
import dev.countersign.oms.VerificationMaterial;
import java.security.cert.X509Certificate;
import java.util.Optional;

/** Whoever signs, as bundles and results name it. */
public interface Signatory {

  /** Returns what goes into a bundle to say who signed. */
  VerificationMaterial material();

  /** Returns the method of signing. */
  default SignatureMethod method() {
    return material().method();
  }

  /**
   * Returns who signs, as results name it: under method key the hint of the public key, under
   * method certificate the SHA-256 of the certificate, under method sigstore the identity in the
   * certificate.
   */
  String identity();

  /** Returns the signer's certificate; empty if it signs without. */
  default Optional<X509Certificate> certificate() {
    return Optional.empty();
  }
}
