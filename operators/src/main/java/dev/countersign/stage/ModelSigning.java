package dev.countersign.stage;

import dev.countersign.catalog.ReplacedBundle;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.metrics.SigningMetrics;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsException;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ListedModel;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.StatementCut;
import dev.countersign.signing.BundleSigner;
import dev.countersign.signing.EnvelopeSigner;
import dev.countersign.signing.KeylessSigning;
import dev.countersign.signing.Signatory;
import dev.countersign.signing.SignedBundle;
import dev.countersign.signing.Signer;
import dev.countersign.signing.SigningException;
import dev.countersign.signing.SigstoreSigningSettings;
import dev.countersign.signing.StampedSigner;
import dev.countersign.signing.TimestampClient;
import dev.countersign.signing.TimestampSettings;
import dev.countersign.sink.BundleWriter;
import dev.countersign.sink.KeptBundles;
import dev.countersign.sink.WritePermit;
import dev.countersign.source.planning.ExistingBundle;
import dev.countersign.source.planning.ListingCheck;
import dev.countersign.source.planning.SignerCertificates;
import dev.countersign.source.pool.GuardedPool;
import dev.countersign.storage.PinnedFolder;
import dev.countersign.storage.SweptFolders;
import dev.countersign.trust.ChainException;
import dev.countersign.trust.ChainValidator;
import dev.countersign.trust.SigstoreLibraries;
import dev.countersign.trust.StatedTimestamp;
import dev.countersign.trust.TimestampException;
import dev.countersign.trust.TimestampVerifier;
import dev.countersign.trust.TrustException;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.jspecify.annotations.Nullable;

/**
 * Signs models and writes their bundles; one that is to be signed again only if it is what was
 * signed before. Thread safe.
 */
final class ModelSigning implements Decider {

  private final String runId;
  private final BundleSigner bundles;
  private final BundleWriter writer;
  private final Retries retries;
  private final SigningMetrics metrics;

  /**
   * Loads the key on this machine; without it no model can be signed, so the job does not start
   * again.
   *
   * @param runId whose copies of replaced bundles are kept
   * @param subtask number of the subtask that signs, from 0
   * @param subtasks how many there are
   * @throws SuppressRestartsException if it cannot be loaded, or cannot sign models, or no verifier
   *     would accept the signer's certificate now
   */
  ModelSigning(
      String runId,
      SignSettings settings,
      int subtask,
      int subtasks,
      SigningMetrics metrics,
      Retries retries) {
    this(runId, settings, open(settings, runId, subtask, subtasks), metrics, retries);
  }

  /** Signs with a signer, which is closed with this object, or if this cannot be made. */
  ModelSigning(
      String runId,
      SignSettings settings,
      EnvelopeSigner signer,
      SigningMetrics metrics,
      Retries retries) {
    // A stage that opens again does so since a process was lost, perhaps in the middle of a write.
    SweptFolders.forget();
    this.runId = runId;
    this.bundles = new BundleSigner(signer, settings.shardAlgorithm());
    boolean opened = false;
    try {
      this.writer =
          new BundleWriter(
              bundles.ownVerifier(settings.bounds()),
              settings.bounds(),
              settings.existingBundle() != ExistingBundle.REFUSE,
              Optional.of(settings.keepPrevious())
                  .filter(folder -> !folder.isEmpty())
                  .map(KeptBundles::new));
      opened = true;
    } finally {
      if (!opened) {
        bundles.close();
      }
    }
    this.retries = retries;
    this.metrics = metrics;
  }

  private static EnvelopeSigner open(
      SignSettings settings, String runId, int subtask, int subtasks) {
    try {
      return settings.signing() instanceof SigstoreSigningSettings sigstore
          ? SigstoreLibraries.load(KeylessSigning.class)
              .open(sigstore, runId, sigstore.limits().share(subtask, subtasks))
          : usable(Signer.load(settings.signing()), settings.timestamps());
    } catch (KeyFormatException | SigningException | ChainException | TrustException e) {
      throw new SuppressRestartsException(e);
    }
  }

  /**
   * Returns a signer of envelopes, or closes {@code signer}.
   *
   * @throws ChainException if no verifier would accept the signer's certificate now
   */
  static EnvelopeSigner usable(Signer signer, @Nullable TimestampSettings timestamps)
      throws ChainException {
    boolean usable = false;
    try {
      if (signer.certificate().isPresent()) {
        ChainValidator.requireSigningUsable(signer.certificate().get(), Instant.now());
      }
      EnvelopeSigner stamped =
          new StampedSigner(signer, Optional.ofNullable(timestamps).map(TimestampClient::new));
      usable = true;
      return stamped;
    } finally {
      if (!usable) {
        signer.close();
      }
    }
  }

  @Override
  public void decide(AssembledModel model, ModelResult result, WritePermit permit)
      throws OmsException, SigningException, ModelFailure {
    GuardedPool.bounded();
    if (result.getOperation() == Operation.RESIGN) {
      requireWhatWasSigned(model, result);
    }
    Manifest manifest = Manifests.of(model);
    // As much as before, in case a checkpoint keeps the model now, but not twice.
    model.setDigests(Manifests.digests(manifest));
    Bundle bundle = sign(manifest, result);
    GuardedPool.progressed();
    ModelHeader header = model.getHeader();
    BundleWriter.Target target =
        new BundleWriter.Target(
            result.getSignature(),
            folder(header),
            () -> ListingCheck.requireUnchanged(header),
            ListingCheck.sees(header),
            permit);
    String verified = result.getBundleSha256();
    long began = System.nanoTime();
    result.setBundleSha256(
        retries.call(
            () ->
                result.getOperation() == Operation.RESIGN
                    ? writer.replace(
                        target, bundle, verified, ReplacedBundle.of(result.getSignature(), runId))
                    : writer.write(target, bundle),
            () -> result.setAttempt(result.getAttempt() + 1)));
    metrics.bundleWrite().updateSince(began);
    ModelResults.succeed(result, Outcome.SIGNED);
  }

  /**
   * Requires that a model is what was signed before, and then says in the result who had signed it,
   * and nothing of that signer any more in the fields of the present one.
   *
   * @throws ModelFailure if it is not: then the result speaks of the previous bundle, as that of a
   *     verification does
   */
  private static void requireWhatWasSigned(AssembledModel model, ModelResult result)
      throws ModelFailure {
    ModelHeader header = model.getHeader();
    try {
      ContentCheck.requireSame(model, result);
    } catch (ModelFailure differs) {
      StatementCut cut = header.getPreviousCut();
      if (cut != null) {
        result.setHashType(cut.getHashType());
        result.setSerialization(cut.getMethod());
        result.setShardSize(cut.getShardSize());
      }
      throw differs;
    }
    result.setPreviousSigner(header.getPreviousSigner());
    result.setCertificate(null);
    result.setTimestamp(null);
  }

  private Bundle sign(Manifest manifest, ModelResult result)
      throws OmsException, SigningException, ModelFailure {
    result.setRootDigest(manifest.rootDigest().hex());
    long began = System.nanoTime();
    SignedBundle signed = signed(manifest, result);
    metrics.signature().updateSince(began);
    signed.verified().map(SignerCertificates::of).ifPresent(result::setCertificate);
    Bundle bundle = signed.bundle();
    if (!bundle.timestamps().isEmpty()) {
      result.setTimestamp(stampedAt(bundle));
    }
    return bundle;
  }

  private SignedBundle signed(Manifest manifest, ModelResult result)
      throws OmsException, SigningException {
    try {
      return bundles.sign(manifest, signatory -> describe(signatory, result));
    } catch (SigningException e) {
      // Otherwise, all models that remain would fail one by one.
      if (e.endsRun()) {
        throw new SuppressRestartsException(e);
      }
      throw e;
    }
  }

  private static void describe(Signatory signatory, ModelResult result) {
    result.setSignatureMethod(signatory.method().name().toLowerCase(Locale.ROOT));
    result.setSigner(signatory.identity());
    signatory.certificate().map(SignerCertificates::of).ifPresent(result::setCertificate);
  }

  /** The folder that a model's bundle goes to; null if none was noted. */
  static @Nullable PinnedFolder folder(ModelHeader header) {
    ListedModel listing = header.getListing();
    return listing == null
        ? null
        : new PinnedFolder(listing.getFolder(), listing.getFolderIdentity());
  }

  /** What no verifier would take must not get into a bundle. */
  private static Instant stampedAt(Bundle bundle) throws ModelFailure {
    byte[] timestamp = bundle.timestamps().get(0).der();
    try {
      TimestampVerifier.checkForm(timestamp, bundle.envelope().signature());
      return StatedTimestamp.read(timestamp).time();
    } catch (TimestampException e) {
      throw new ModelFailure(
          FailureReason.BAD_TIMESTAMP,
          "No verifier would accept what the timestamp authority answered. " + e.problem(),
          e.remedy().then(Remedy.of("Name another authority with %s.", Setting.TSA_URL)));
    }
  }

  @Override
  public void close() {
    bundles.close();
  }
}
