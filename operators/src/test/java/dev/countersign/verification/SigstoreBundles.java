package dev.countersign.verification;

import static dev.countersign.verification.SigstoreForge.IDENTITY;
import static dev.countersign.verification.SigstoreForge.NOW;
import static dev.countersign.verification.SigstoreForge.PROVIDER;
import static dev.countersign.verification.SigstoreForge.envelope;

import dev.countersign.keys.Certificates;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.Digest;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.LogEntry;
import dev.countersign.oms.LogEntry.InclusionProof;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.Resource;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.ShardAlgorithm;
import dev.countersign.oms.SignedTimestamp;
import dev.countersign.oms.Statement;
import dev.countersign.trust.CertificateForge.Issued;
import dev.countersign.trust.TrustException;
import dev.countersign.verification.PolicyAcceptance.Identity;
import dev.countersign.verification.PolicyAcceptance.NameRule;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A bundle of an instance made here, its parts, and verifiers that trust its signer. */
final class SigstoreBundles {

  static final SigstoreForge FORGE = new SigstoreForge();
  static final Issued SIGNER = FORGE.signer();
  static final byte[] PAYLOAD = payload("weights.bin");
  static final Envelope ENVELOPE = envelope(SIGNER, PAYLOAD);

  /** A proper entry in the log of version 1, with its promise. */
  static final LogEntry ENTRY_1 =
      FORGE.entry1("dsse", SigstoreForge.dsse(ENVELOPE, SIGNER.certificate()), NOW);

  /** A proper entry in the log of version 2. */
  static final LogEntry ENTRY_2 =
      FORGE.entry2(SigstoreForge.hashedRekord2(ENVELOPE, SIGNER.certificate()));

  static final SignedTimestamp TIMESTAMP = FORGE.timestamp(ENVELOPE, NOW);

  private SigstoreBundles() {}

  static Bundle bundle(List<SignedTimestamp> timestamps, LogEntry... entries) {
    return SigstoreForge.bundle(SIGNER, ENVELOPE, timestamps, entries);
  }

  static Bundle ofType(String mediaType, Bundle bundle) {
    return new Bundle(
        mediaType, bundle.material(), bundle.envelope(), bundle.timestamps(), bundle.logEntries());
  }

  static InclusionProof proof(LogEntry entry) {
    return entry.inclusionProof().orElseThrow();
  }

  static LogEntry with(LogEntry entry, Optional<InclusionProof> proof) {
    return new LogEntry(
        entry.logIndex(),
        entry.logId(),
        entry.kind(),
        entry.version(),
        entry.integratedTime(),
        entry.signedEntryTimestamp(),
        proof,
        entry.canonicalizedBody());
  }

  static LogEntry with(LogEntry entry, long index, long size, String checkpoint) {
    InclusionProof proof = proof(entry);
    return with(
        entry,
        Optional.of(new InclusionProof(index, proof.rootHash(), size, proof.hashes(), checkpoint)));
  }

  static Identity exactly(String identity, String provider) {
    return new Identity(new NameRule(identity, false), provider);
  }

  static Identity matching(String regex) {
    return new Identity(new NameRule(regex, true), PROVIDER);
  }

  static VerifiedBundle verify(Bundle bundle) throws Exception {
    return verify(bundle, FORGE);
  }

  static VerifiedBundle verify(Bundle bundle, SigstoreForge forge) throws Exception {
    return verify(bundle, forge, exactly(IDENTITY, PROVIDER));
  }

  static VerifiedBundle verify(Bundle bundle, SigstoreForge forge, Identity... identities)
      throws Exception {
    return verifier(forge, NOW.plusSeconds(86_400), identities).verify(BundleJson.write(bundle));
  }

  static VerifiedBundle verify(Bundle bundle, SigstoreForge forge, Instant now) throws Exception {
    return verifier(forge, now, exactly(IDENTITY, PROVIDER)).verify(BundleJson.write(bundle));
  }

  static BundleVerifier verifier(SigstoreForge forge, Instant now, Identity... identities)
      throws KeyFormatException, TrustException {
    return BundleVerifier.of(
        new SigstoreVerificationSettings(forge.instance(), Arrays.asList(identities)),
        OmsBounds.defaults(),
        Clock.fixed(now, ZoneOffset.UTC));
  }

  static byte[] encoded(Issued issued) {
    return Certificates.encoded(issued.certificate());
  }

  static byte[] payload(String name) {
    try {
      return Statement.write(
          Manifest.sorted(
              "model",
              Serialization.files(HashAlgorithm.SHA256),
              List.of(Resource.whole(name, Digest.of(new byte[32])))),
          ShardAlgorithm.CLIENT);
    } catch (OmsException e) {
      throw new IllegalStateException(e);
    }
  }
}
