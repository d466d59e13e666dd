package dev.countersign.verification;

import dev.countersign.oms.Manifest;
import dev.countersign.oms.SignatureMethod;
import java.util.Optional;

/**
 * What a trusted signer said.
 *
 * @param manifest the signed manifest, its resources in the order of the statement
 * @param payload the very bytes that were signed; neither copied nor modified, since they may be
 *     hundreds of megabytes: whoever takes them leaves them alone
 * @param method how the bundle was signed
 * @param signer who signed: under method key the hint of the key that verified the signature, which
 *     need not be the one that the bundle claims; under method certificate the SHA-256 of the
 *     certificate in lower-case hexadecimal; under method sigstore the identity, which is any text
 * @param certified the signer's certificate; empty under method key
 */
@SuppressWarnings("ArrayRecordComponent") // compared by identity: never a key, and huge
public record VerifiedBundle(
    Manifest manifest,
    byte[] payload,
    SignatureMethod method,
    String signer,
    Optional<CertifiedSigner> certified) {

  /** Returns the same without the payload, for whoever keeps it. */
  public VerifiedBundle withoutPayload() {
    return new VerifiedBundle(manifest, new byte[0], method, signer, certified);
  }
}
