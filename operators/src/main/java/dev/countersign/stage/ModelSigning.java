package dev.countersign.stage;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsException;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import dev.countersign.signing.BundleSigner;
import dev.countersign.signing.Signer;
import dev.countersign.signing.Signers;
import dev.countersign.signing.SigningException;
import dev.countersign.signing.TimestampClient;
import dev.countersign.signing.TimestampSettings;
import dev.countersign.sink.BundleWriter;
import dev.countersign.source.ExistingBundle;
import dev.countersign.source.ModelFailure;
import dev.countersign.source.SignerCertificates;
import dev.countersign.storage.StorageException;
import dev.countersign.trust.ChainException;
import dev.countersign.trust.StatedTimestamp;
import dev.countersign.trust.TimestampException;
import dev.countersign.verification.CertificateVerifier;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Signs one model after the other and writes their bundles. Thread safe. */
final class ModelSigning implements ManifestDecider, AutoCloseable {

  private final Signer signer;
  private final BundleSigner bundles;
  private final BundleWriter writer;

  private ModelSigning(Signer signer, BundleSigner bundles, BundleWriter writer) {
    this.signer = signer;
    this.bundles = bundles;
    this.writer = writer;
  }

  /**
   * Loads the key on this machine.
   *
   * @throws KeyFormatException if it cannot be loaded, or cannot sign models
   * @throws ChainException if no verifier would accept the signer's certificate now
   */
  static ModelSigning open(SignSettings settings) throws KeyFormatException, ChainException {
    Signer signer = Signers.load(settings.signing());
    if (signer.certificate().isPresent()) {
      CertificateVerifier.demandUsable(signer.certificate().get(), Instant.now());
    }
    return new ModelSigning(
        signer,
        new BundleSigner(
            signer,
            settings.shardAlgorithm(),
            Optional.ofNullable(settings.timestamps()).map(ModelSigning::client)),
        new BundleWriter(
            signer.ownVerifier(settings.bounds()),
            settings.bounds(),
            settings.existingBundle() != ExistingBundle.REFUSE));
  }

  private static TimestampClient client(TimestampSettings settings) {
    return TimestampClient.of(settings.url(), settings.timeout());
  }

  @Override
  public void finish(AssembledModel model, ModelResult result)
      throws OmsException, SigningException, StorageException, ModelFailure {
    Manifest manifest = Manifests.of(model);
    // The manifest holds the same; of a million files both do not fit beside the bundle.
    model.setDigests(List.of());
    result.setRootDigest(manifest.rootDigest().hex());
    result.setSignatureMethod(signer.method().name().toLowerCase(Locale.ROOT));
    result.setSigner(signer.identity());
    signer.certificate().map(SignerCertificates::of).ifPresent(result::setCertificate);
    Bundle bundle = bundles.sign(manifest);
    result.setBundleSha256(
        writer.write(result.getSignature(), BundleJson.write(bundle), bundle.envelope()));
    stampedAt(bundle, result);
    ModelResults.succeed(result, Outcome.SIGNED);
  }

  private static void stampedAt(Bundle bundle, ModelResult result) {
    if (!bundle.timestamps().isEmpty()) {
      try {
        result.setTimestamp(StatedTimestamp.read(bundle.timestamps().get(0).der()).time());
      } catch (TimestampException e) {
        throw new IllegalStateException("a timestamp that was checked cannot be read", e);
      }
    }
  }

  @Override
  public void close() {
    bundles.close();
  }
}
