package dev.countersign.verification;

import java.time.Instant;
import java.util.Optional;

/**
 * What makes a Sigstore signature more than one with a certificate.
 *
 * @param signer whom the certificate is for
 * @param logIndex the signature's position in the transparency log, of the first entry
 * @param logTime when that log took it; empty if the log does not sign times
 */
public record SigstoreProof(SigstoreIdentity signer, long logIndex, Optional<Instant> logTime) {}
