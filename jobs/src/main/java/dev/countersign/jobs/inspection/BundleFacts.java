package dev.countersign.jobs.inspection;

import dev.countersign.oms.LogEntry;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.SignatureMethod;
import dev.countersign.schemas.SignerCertificate;
import dev.countersign.trust.StatedTimestamp;
import java.util.List;
import java.util.Optional;

/**
 * What a bundle says. Nothing of it is verified: anybody can write such a bundle.
 *
 * @param uri where it lies
 * @param sha256 its SHA-256, lower-case hexadecimal
 * @param bytes its length
 * @param method how it is said to have been signed
 * @param keyHint which key it is said to have been signed with; empty if the bundle does not say
 * @param certificates what its certificates say, the signer's first; under Sigstore the only one
 * @param logEntries its entries of transparency logs
 * @param timestamps what its timestamps say
 * @param predicateType what kind of statement is signed; empty if that cannot be told
 * @param manifest what is signed; empty if the statement is none that can be read
 * @param faults what is wrong with parts of it, each a sentence; escaped for terminals
 */
record BundleFacts(
    String uri,
    String sha256,
    long bytes,
    SignatureMethod method,
    String keyHint,
    List<SignerCertificate> certificates,
    List<LogEntry> logEntries,
    List<StatedTimestamp> timestamps,
    String predicateType,
    Optional<Manifest> manifest,
    List<String> faults) {

  BundleFacts {
    certificates = List.copyOf(certificates);
    logEntries = List.copyOf(logEntries);
    timestamps = List.copyOf(timestamps);
    faults = List.copyOf(faults);
  }

  /** How many files the statement lists, whole or in shards; 0 if it cannot be read. */
  long files() {
    return manifest
        .map(listed -> listed.resources().stream().map(each -> each.path()).distinct().count())
        .orElse(0L);
  }
}
