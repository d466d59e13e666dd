package dev.countersign.oms;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StatementTest {

  private static final String ONES = "01".repeat(32);
  private static final String TWOS = "02".repeat(32);

  @Test
  void write_ofFiles_givesTheGoldenBytes() throws OmsException {
    Serialization serialization =
        Serialization.files(HashAlgorithm.SHA256).withIgnorePaths(List.of(".git", "model.sig"));
    Manifest manifest =
        Manifest.sorted(
            "模型",
            serialization,
            List.of(file("q\"\\\n", 1), file("\ud83d\ude00", 2), file("\uffee", 1)));

    byte[] payload = Statement.write(manifest, ShardAlgorithm.CLIENT);

    assertThat(new String(payload, StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":\"模型\","
                + "\"digest\":{\"sha256\":\""
                + manifest.rootDigest().hex()
                + "\"}}],\"predicateType\":\"https://model_signing/signature/v1.0\","
                + "\"predicate\":{\"serialization\":{\"method\":\"files\","
                + "\"hash_type\":\"sha256\",\"allow_symlinks\":false,"
                + "\"ignore_paths\":[\".git\",\"model.sig\"]},\"resources\":["
                + "{\"algorithm\":\"sha256\",\"digest\":\""
                + ONES
                + "\",\"name\":\"q\\\"\\\\\\n\"},{\"algorithm\":\"sha256\",\"digest\":\""
                + ONES
                + "\",\"name\":\"\uffee\"},{\"algorithm\":\"sha256\",\"digest\":\""
                + TWOS
                + "\",\"name\":\"\ud83d\ude00\"}]}}");
  }

  @ParameterizedTest
  @CsvSource({"CLIENT, sha256-sharded-1000000000", "SPEC, sha256"})
  void write_ofShards_givesTheGoldenBytes(ShardAlgorithm spelling, String algorithm)
      throws OmsException {
    Serialization serialization =
        Serialization.shards(HashAlgorithm.SHA256, Serialization.DEFAULT_SHARD_SIZE)
            .withAllowSymlinks(true);
    Manifest manifest =
        Manifest.sorted("m", serialization, List.of(new Resource("a:b", 0, 7, digest(32, 1))));

    byte[] payload = Statement.write(manifest, spelling);

    assertThat(new String(payload, StandardCharsets.UTF_8))
        .endsWith(
            "\"predicate\":{\"serialization\":{\"method\":\"shards\",\"hash_type\":\"sha256\","
                + "\"allow_symlinks\":true,\"shard_size\":1000000000,\"ignore_paths\":[]},"
                + "\"resources\":[{\"algorithm\":\""
                + algorithm
                + "\",\"digest\":\""
                + ONES
                + "\",\"name\":\"a:b:0:7\"}]}}");
    assertThat(Statement.read(payload, OmsBounds.defaults()).resources())
        .containsExactly(new Resource("a:b", 0, 7, digest(32, 1)));
  }

  @Property(tries = 200)
  void read_ofWhatWasWritten_givesTheSameManifest(
      @ForAll("names") List<String> names,
      @ForAll HashAlgorithm hash,
      @ForAll ShardAlgorithm spelling,
      @ForAll boolean sharded)
      throws OmsException {
    List<Resource> resources = new ArrayList<>();
    for (String name : names) {
      Digest digest = digest(hash.digestLength(), name.hashCode());
      if (sharded) {
        resources.add(new Resource(name, 0, 64, digest));
        resources.add(new Resource(name, 64, 65 + Math.floorMod(name.hashCode(), 60), digest));
      } else {
        resources.add(Resource.whole(name, digest));
      }
    }
    Serialization serialization =
        (sharded ? Serialization.shards(hash, 64) : Serialization.files(hash))
            .withIgnorePaths(names);
    Manifest manifest = Manifest.sorted("m", serialization, resources);

    byte[] payload = Statement.write(manifest, spelling);
    Manifest read = Statement.read(payload, OmsBounds.defaults());

    assertThat(read.resources()).isEqualTo(manifest.resources());
    assertThat(read.serialization()).isEqualTo(manifest.serialization());
    assertThat(read.rootDigest()).isEqualTo(manifest.rootDigest());
    assertThat(Statement.write(read, spelling)).as("the same bytes again").isEqualTo(payload);
  }

  /** Unique, in no order, with letters from every range that JSON or sorting treats specially. */
  @Provide
  Arbitrary<List<String>> names() {
    return Arbitraries.of("a", ":", "0", "\"", "\\", "\n", "\u007f", "é", "\ue000", "😀", "\u2028")
        .list()
        .ofMinSize(1)
        .ofMaxSize(6)
        .map(letters -> String.join("", letters))
        .list()
        .uniqueElements()
        .ofMinSize(1)
        .ofMaxSize(20);
  }

  @Test
  void write_ofManyResources_isQuickAndReadAgain() throws OmsException {
    int count = 200_000;
    List<Resource> resources = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      resources.add(file("checkpoints/step-" + i % 1000 + "/shard-" + i + ".bin", i));
    }
    Manifest manifest = Manifest.sorted("m", Serialization.files(HashAlgorithm.SHA256), resources);

    byte[] payload = Statement.write(manifest, ShardAlgorithm.CLIENT);
    Manifest read = Statement.read(payload, OmsBounds.defaults());

    assertThat(read.resources().equals(manifest.resources())).as("same resources").isTrue();
  }

  private static Resource file(String path, int value) {
    return Resource.whole(path, digest(32, value));
  }

  private static Digest digest(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return Digest.of(bytes);
  }
}
