package dev.countersign.oms;

import java.util.Arrays;
import java.util.List;

/**
 * What a bundle says about who signed it, one kind for each spelling (OMS 1.0 §4.1). Nothing in it
 * is to be trusted.
 *
 * <p>Byte arrays are neither copied nor modified here; whoever hands one over leaves it alone.
 */
public sealed interface VerificationMaterial {

  /** Returns the method of signing that such material belongs to. */
  SignatureMethod method();

  /**
   * A hint at the public key.
   *
   * @param hint lower-case hex SHA-256 of the key's PEM, by convention; empty if there is none
   */
  record PublicKeyHint(String hint) implements VerificationMaterial {
    @Override
    public SignatureMethod method() {
      return SignatureMethod.KEY;
    }
  }

  /**
   * A public key, as older clients wrote it.
   *
   * @param rawBytes the key in whatever encoding that client used (the reference client: PEM); not
   *     empty
   */
  @SuppressWarnings("ArrayRecordComponent") // equals and hashCode go by content
  record PublicKeyRaw(byte[] rawBytes) implements VerificationMaterial {
    @Override
    public SignatureMethod method() {
      return SignatureMethod.KEY;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof PublicKeyRaw that && Arrays.equals(rawBytes, that.rawBytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(rawBytes);
    }
  }

  /**
   * A chain of X.509 certificates, leaf first; the leaf alone where a client leaves the rest to the
   * verifier.
   *
   * @param der each certificate in DER; at least one
   */
  record CertificateChain(List<byte[]> der) implements VerificationMaterial {
    /** Copies the list, though not the arrays. */
    public CertificateChain {
      der = List.copyOf(der);
    }

    @Override
    public SignatureMethod method() {
      return SignatureMethod.CERTIFICATE;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof CertificateChain that
          && Arrays.deepEquals(der.toArray(), that.der.toArray());
    }

    @Override
    public int hashCode() {
      return Arrays.deepHashCode(der.toArray());
    }
  }

  /**
   * The short-lived certificate of a Sigstore signature, which is in a transparency log.
   *
   * @param der the certificate in DER; not empty
   */
  @SuppressWarnings("ArrayRecordComponent") // equals and hashCode go by content
  record SigstoreCertificate(byte[] der) implements VerificationMaterial {
    @Override
    public SignatureMethod method() {
      return SignatureMethod.SIGSTORE;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof SigstoreCertificate that && Arrays.equals(der, that.der);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(der);
    }
  }
}
