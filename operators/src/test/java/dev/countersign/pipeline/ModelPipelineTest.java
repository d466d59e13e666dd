package dev.countersign.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.BundleTemplate;
import dev.countersign.catalog.CatalogSource;
import dev.countersign.catalog.ListedEntries;
import dev.countersign.keys.KeyPairFiles;
import dev.countersign.keys.PassphraseSource;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Serialization;
import dev.countersign.signing.KeySigningSettings;
import dev.countersign.verification.KeyVerificationSettings;
import dev.countersign.verification.VerificationSettings;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ModelPipelineTest {

  private static final CatalogSource MODELS = ListedEntries.of(List.of());

  @Test
  void command_ofTheSameWork_isTheSame() {
    VerificationSettings trust = trust();

    assertThat(differences(ModelPipeline.verify(trust), ModelPipeline.verify(trust))).isEmpty();
    assertThat(differences(signing("a.key"), signing("a.key"))).isEmpty();
  }

  @Test
  void command_ofOtherWork_isAnother() throws Exception {
    BundleTemplate beside = BundleTemplate.parse("/bundles/{name}.sig");
    Serialization blake3 = Serialization.files(HashAlgorithm.BLAKE3);

    assertThat(differences(ModelPipeline.verify(trust()), ModelPipeline.verify(trust())))
        .containsExactly("the keys, certificates or rules that count (others now)");
    assertThat(differences(signing("a.key"), signing("b.key")))
        .containsExactly("the signer (others now)");
    assertThat(differences(signing("a.key"), signing("a.key").bundles(beside)))
        .singleElement()
        .asString()
        .startsWith("the bundles");
    assertThat(differences(signing("a.key"), signing("a.key").serialization(blake3)))
        .singleElement()
        .asString()
        .startsWith("the serialization");
  }

  private static List<String> differences(ModelPipeline then, ModelPipeline now) {
    return then.command(MODELS).differences(now.command(MODELS));
  }

  private static ModelPipeline signing(String key) {
    return ModelPipeline.sign(new KeySigningSettings(key, PassphraseSource.NONE));
  }

  private static VerificationSettings trust() {
    return new KeyVerificationSettings(
        List.of(PublicKeyFile.pem(KeyPairFiles.generate("P-256").getPublic())));
  }
}
