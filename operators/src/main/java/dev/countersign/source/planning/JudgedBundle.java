package dev.countersign.source.planning;

import dev.countersign.faults.LibraryFaults;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.Sha256;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.source.pool.PlanMemory;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredObject;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.verification.CertifiedSigner;
import dev.countersign.verification.ModelTrust;
import dev.countersign.verification.VerificationException;
import dev.countersign.verification.VerifiedBundle;
import java.util.Locale;
import java.util.Optional;

/**
 * Bundle that was read, and what the check of it came to. Its bytes and its payload, which may be
 * large, are garbage by then.
 *
 * @param sha256 of the bytes, lower-case hexadecimal
 * @param verified what a trusted signer said, without the payload; empty if the bundle failed
 * @param certified the signer's certificate, which a bundle that failed only claims
 * @param failure why the bundle does not count; empty if it does
 */
record JudgedBundle(
    String sha256,
    Optional<VerifiedBundle> verified,
    Optional<CertifiedSigner> certified,
    Optional<ModelFailure> failure) {

  /**
   * Reads a bundle and checks signature and statement. If it was replaced by a longer one since it
   * was found, that one counts: some stores say so, others read no more bytes than it had then, and
   * it seems to be malformed.
   */
  static JudgedBundle read(StoredObject found, long maxBytes, ModelTrust trust)
      throws StorageException, ModelFailure {
    PlanMemory.Part shorter = PlanMemory.part();
    Optional<JudgedBundle> judged;
    try {
      judged = Optional.of(judge(found, maxBytes, trust));
    } catch (StorageException e) {
      if (e.kind() != StorageException.Kind.CHANGED) {
        throw e;
      }
      judged = Optional.empty();
    }
    if (judged.isPresent() && !judged.get().isMalformed()) {
      return judged.get();
    }
    Optional<StoredObject> now = Storages.forUri(found.uri()).stat(found.uri());
    boolean replaced = now.isPresent() && !now.get().version().equals(found.version());
    if (judged.isPresent() && !replaced) {
      return judged.get();
    }
    shorter.close();
    return judge(now.orElse(found), maxBytes, trust);
  }

  private boolean isMalformed() {
    return failure.isPresent() && failure.get().reason() == FailureReason.MALFORMED_BUNDLE;
  }

  /** Messages of the format name the bundle here. */
  private static JudgedBundle judge(StoredObject found, long maxBytes, ModelTrust trust)
      throws StorageException, ModelFailure {
    // What is over the limit is not read, so it takes nothing.
    long length = found.length() > maxBytes ? 0 : found.length();
    try (PlanMemory.Part unused = PlanMemory.ofThisProcess().check(found.uri(), length)) {
      byte[] bytes = Storages.forUri(found.uri()).readFully(found, maxBytes);
      String sha256 = Sha256.hex(bytes);
      try {
        VerifiedBundle bundle = trust.verify(bytes).withoutPayload();
        return new JudgedBundle(sha256, Optional.of(bundle), bundle.certified(), Optional.empty());
      } catch (OmsException | VerificationException e) {
        ModelFailure failure = LibraryFaults.failureOf(e);
        return new JudgedBundle(
            sha256,
            Optional.empty(),
            e instanceof VerificationException untrusted ? untrusted.claimed() : Optional.empty(),
            Optional.of(
                new ModelFailure(
                    failure.reason(),
                    Message.of("%s: %s", Printable.of(found.uri()), failure.problem()),
                    failure.remedy())));
      }
    }
  }

  /**
   * Returns the verified statement.
   *
   * @throws ModelFailure if the bundle does not count
   */
  Manifest manifest() throws ModelFailure {
    if (failure.isPresent()) {
      throw failure.get();
    }
    return verified.orElseThrow().manifest();
  }

  /**
   * Says what the bundle says, but for its ignored paths: they are as many as its author likes, and
   * each unit would carry them.
   */
  void describe(ModelHeader header) {
    header.setBundleSha256(sha256);
    certified.map(SignerCertificates::of).ifPresent(header::setCertificate);
    verified.ifPresent(
        bundle -> {
          EntryPlanning.describe(header, bundle.manifest().serialization());
          header.setRootDigest(bundle.manifest().rootDigest().hex());
          header.setSignatureMethod(bundle.method().name().toLowerCase(Locale.ROOT));
          header.setSigner(bundle.signer());
        });
    if (verified.isPresent()
        && certified.filter(CertifiedSigner::atChosenTime).isPresent()
        && !header.getWeakened().contains(PlanSettings.CERTIFICATE_TIME)) {
      header.getWeakened().add(PlanSettings.CERTIFICATE_TIME);
    }
  }
}
