package dev.countersign.oms;

import java.util.List;

/**
 * A signature with all a verifier needs beside its trust: what lies in a {@code model.sig}.
 *
 * @param mediaType the format and its version; one of those that {@link BundleJson} reads
 * @param material who is said to have signed
 * @param envelope the statement and its signature
 * @param timestamps when the signature is said to have existed, in the bundle's order; as a rule
 *     none
 * @param logEntries entries of transparency logs, in the bundle's order; none unless the bundle is
 *     Sigstore's, as a rule
 */
public record Bundle(
    String mediaType,
    VerificationMaterial material,
    Envelope envelope,
    List<SignedTimestamp> timestamps,
    List<LogEntry> logEntries) {

  /** The media type of the bundles we write, a Sigstore bundle of format 0.3. */
  public static final String MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";

  /** The most timestamps that one bundle may have; nobody writes more than one or two. */
  public static final int MAX_TIMESTAMPS = 16;

  /** The most log entries that one bundle may have; nobody writes more than one or two. */
  public static final int MAX_LOG_ENTRIES = 16;

  public Bundle {
    timestamps = List.copyOf(timestamps);
    logEntries = List.copyOf(logEntries);
  }

  /** A bundle of the format that we write. */
  public Bundle(
      VerificationMaterial material,
      Envelope envelope,
      List<SignedTimestamp> timestamps,
      List<LogEntry> logEntries) {
    this(MEDIA_TYPE, material, envelope, timestamps, logEntries);
  }

  /** A bundle of the format that we write, without timestamps and log entries. */
  public Bundle(VerificationMaterial material, Envelope envelope) {
    this(material, envelope, List.of(), List.of());
  }
}
