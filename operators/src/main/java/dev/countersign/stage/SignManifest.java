package dev.countersign.stage;

import dev.countersign.keys.KeyFormatException;
import dev.countersign.oms.Bundle;
import dev.countersign.oms.BundleJson;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.ShardAlgorithm;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Outcome;
import dev.countersign.signing.BundleSigner;
import dev.countersign.signing.KeySigner;
import dev.countersign.signing.KeySigningSettings;
import dev.countersign.signing.Signer;
import dev.countersign.signing.SigningException;
import dev.countersign.sink.BundleWriter;
import dev.countersign.source.ExistingBundle;
import dev.countersign.source.ModelFailure;
import dev.countersign.storage.StorageException;
import java.util.List;
import java.util.Locale;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.jspecify.annotations.Nullable;

/**
 * Signs each model's manifest and writes its bundle. The key is loaded here, on the task manager,
 * when the stage opens; a key that cannot be loaded ends the job at once, not each model.
 */
public final class SignManifest extends ResultStage {

  private static final long serialVersionUID = 1L;

  private final KeySigningSettings settings;
  private final ShardAlgorithm shardAlgorithm;
  private final ExistingBundle existingBundle;
  private final OmsBounds bounds;

  private transient @Nullable Signer signer;
  private transient @Nullable BundleWriter writer;

  /**
   * A stage.
   *
   * @param settings where the key lies
   * @param shardAlgorithm how a shard's algorithm is spelled
   * @param existingBundle what to do with a bundle that is there already
   * @param bounds what such a bundle may not exceed to be looked at
   */
  public SignManifest(
      String runId,
      KeySigningSettings settings,
      ShardAlgorithm shardAlgorithm,
      ExistingBundle existingBundle,
      OmsBounds bounds) {
    super(runId);
    this.settings = settings;
    this.shardAlgorithm = shardAlgorithm;
    this.existingBundle = existingBundle;
    this.bounds = bounds;
  }

  @Override
  public void open(OpenContext context) throws Exception {
    super.open(context);
    try {
      Signer loaded = KeySigner.load(settings);
      signer = loaded;
      writer =
          new BundleWriter(
              loaded.ownVerifier(bounds), bounds, existingBundle != ExistingBundle.REFUSE);
    } catch (KeyFormatException e) {
      throw new SuppressRestartsException(e);
    }
  }

  @Override
  void finish(AssembledModel model, ModelResult result)
      throws OmsException, SigningException, StorageException, ModelFailure {
    if (signer == null || writer == null) {
      throw new IllegalStateException("used before open()");
    }
    Manifest manifest = Manifests.of(model);
    // The manifest holds the same; of a million files both do not fit beside the bundle.
    model.setDigests(List.of());
    result.setRootDigest(manifest.rootDigest().hex());
    Bundle bundle = BundleSigner.sign(manifest, shardAlgorithm, signer);
    result.setBundleSha256(
        writer.write(result.getSignature(), BundleJson.write(bundle), bundle.envelope()));
    result.setSignatureMethod(signer.method().name().toLowerCase(Locale.ROOT));
    result.setSigner(signer.identity());
    ModelResults.succeed(result, Outcome.SIGNED);
  }

  @Override
  public void close() throws Exception {
    if (signer != null) {
      signer.close();
    }
  }
}
