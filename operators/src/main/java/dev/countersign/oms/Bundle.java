package dev.countersign.oms;

import java.util.List;

/**
 * A signature with all a verifier needs beside its trust: what lies in a {@code model.sig}.
 *
 * @param material who is said to have signed
 * @param envelope the statement and its signature
 * @param timestamps when the signature is said to have existed, in the bundle's order; as a rule
 *     none
 * @param logEntries how many entries of transparency logs the bundle carries; they are counted, not
 *     read, and never written
 */
public record Bundle(
    VerificationMaterial material,
    Envelope envelope,
    List<SignedTimestamp> timestamps,
    int logEntries) {

  /** The media type of the bundles we write, a Sigstore bundle of format 0.3. */
  public static final String MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";

  /** The most timestamps that one bundle may have; nobody writes more than one or two. */
  public static final int MAX_TIMESTAMPS = 16;

  /** Copies the list. */
  public Bundle {
    timestamps = List.copyOf(timestamps);
  }

  /** A bundle without timestamps and log entries. */
  public Bundle(VerificationMaterial material, Envelope envelope) {
    this(material, envelope, List.of(), 0);
  }
}
