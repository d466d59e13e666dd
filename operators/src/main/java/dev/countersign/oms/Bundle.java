package dev.countersign.oms;

/**
 * A signature with all a verifier needs beside its trust: what lies in a {@code model.sig}.
 *
 * @param material who is said to have signed
 * @param envelope the statement and its signature
 */
public record Bundle(VerificationMaterial material, Envelope envelope) {

  /** The media type of the bundles we write, a Sigstore bundle of format 0.3. */
  public static final String MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";
}
