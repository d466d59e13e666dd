package dev.countersign.oms;

import static dev.countersign.oms.OmsAssertions.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ManifestTest {

  private static final Serialization FILES = Serialization.files(HashAlgorithm.SHA256);
  private static final Serialization SHARDS = Serialization.shards(HashAlgorithm.SHA256, 10);

  @Test
  void sorted_putsFilesInCodePointOrder() throws OmsException {
    Manifest manifest =
        Manifest.sorted(
            "m", FILES, List.of(file("😀"), file("a/b"), file("\uffee"), file("a.b"), file("a")));

    assertThat(manifest.resources())
        .extracting(Resource::path)
        .containsExactly("a", "a.b", "a/b", "\uffee", "😀");
  }

  @Test
  void sorted_putsShardsInTheOrderOfTheirNamesAsText() throws OmsException {
    Manifest manifest =
        Manifest.sorted(
            "m",
            SHARDS,
            List.of(shard("a", 0, 9), shard("a", 9, 10), shard("a", 10, 20), shard("a.b", 0, 1)));

    assertThat(manifest.resources())
        .extracting(Resource::name)
        .containsExactly("a.b:0:1", "a:0:9", "a:10:20", "a:9:10");
  }

  @Test
  void asListed_keepsTheOrder() throws OmsException {
    Manifest manifest = listed(FILES, List.of(file("b"), file("a")));

    assertThat(manifest.resources()).extracting(Resource::path).containsExactly("b", "a");
  }

  @Test
  void rootDigest_isSha256OverRawDigestsInOrder() throws Exception {
    List<Resource> resources =
        List.of(
            Resource.whole("b", Digest.of(filled(64, 2))),
            Resource.whole("a", Digest.of(filled(64, 1))));
    Serialization blake2b = Serialization.files(HashAlgorithm.BLAKE2B);
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    sha256.update(filled(64, 2));
    byte[] listed = sha256.digest(filled(64, 1));

    assertThat(listed(blake2b, resources).rootDigest()).isEqualTo(Digest.of(listed));
    assertThat(Manifest.sorted("m", blake2b, resources).rootDigest())
        .as("another order")
        .isNotEqualTo(Digest.of(listed));
  }

  @Test
  void manifest_ofTheSameResourcesInAnyOrder_isTheSame() throws OmsException {
    List<Resource> resources = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      resources.add(file("dir" + i % 7 + "/file" + i));
    }
    Manifest first = Manifest.sorted("m", FILES, resources);

    Collections.shuffle(resources, new Random(1));
    Manifest second = Manifest.sorted("m", FILES, resources);

    assertThat(second.resources()).isEqualTo(first.resources());
    assertThat(second.rootDigest()).isEqualTo(first.rootDigest());
  }

  @Test
  void resources_cannotBeModified() throws OmsException {
    List<Resource> resources = new ArrayList<>(List.of(file("a")));
    Manifest manifest = Manifest.sorted("m", FILES, resources);
    resources.set(0, file("b"));

    assertThat(manifest.resources()).extracting(Resource::path).containsExactly("a");
    assertThatThrownBy(() -> manifest.resources().set(0, file("b")))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void unnamedFile_alone_isAccepted() throws OmsException {
    assertThat(listed(FILES, List.of(file("."))).resources()).hasSize(1);
    assertThat(listed(SHARDS, List.of(shard(".", 10, 12), shard(".", 0, 10))).resources())
        .hasSize(2);
  }

  static Stream<Arguments> brokenManifests() {
    return Stream.of(
        Arguments.of(FILES, List.of(file("a"), file("b"), file("a")), "\"a\" is listed twice"),
        Arguments.of(FILES, List.of(file("."), file("a")), "single file"),
        Arguments.of(FILES, List.of(shard("a", 0, 1)), "\"a:0:1\" is a shard"),
        Arguments.of(
            FILES,
            List.of(Resource.whole("a", Digest.of(filled(64, 0)))),
            "has a digest of 64 bytes; one of sha256 has 32"),
        Arguments.of(SHARDS, List.of(file("a")), "is a whole file among shards"),
        Arguments.of(SHARDS, List.of(shard("a", 0, 11)), "longer than the shard size of 10"),
        Arguments.of(SHARDS, List.of(shard("a", 1, 5)), "after a gap: bytes 0 to 1"),
        Arguments.of(
            SHARDS, List.of(shard("a", 12, 15), shard("a", 0, 10)), "after a gap: bytes 10 to 12"),
        Arguments.of(
            SHARDS, List.of(shard("a", 0, 10), shard("a", 9, 15)), "overlaps the shard before"),
        Arguments.of(
            SHARDS, List.of(shard("a", 0, 10), shard("a", 0, 10)), "overlaps the shard before"),
        Arguments.of(
            SHARDS, List.of(shard("a", 0, 10), shard("b", 10, 15)), "\"b:10:15\" comes after"));
  }

  @ParameterizedTest
  @MethodSource("brokenManifests")
  void manifest_thatBreaksARule_isRefused(
      Serialization serialization, List<Resource> resources, String message) {
    assertRefused(() -> listed(serialization, resources), OmsException.Kind.MALFORMED, message);
    assertRefused(
        () -> Manifest.sorted("m", serialization, resources), OmsException.Kind.MALFORMED, message);
  }

  @Test
  void manifest_withoutResources_isRefused() {
    assertRefused(
        () -> Manifest.sorted("m", FILES, List.of()),
        OmsException.Kind.EMPTY,
        "The model \"m\" has no files");
  }

  @Test
  void manifest_withANameThatLeavesTheRoot_isRefused() {
    assertRefused(
        () -> Manifest.sorted("m", FILES, List.of(file("a"), file("../a"))),
        OmsException.Kind.NAME,
        "\"../a\"");
  }

  @Test
  void manifest_withABadLabel_isRefused() {
    List<Resource> resources = List.of(file("a"));

    assertRefused(
        () -> Manifest.sorted("", FILES, resources), OmsException.Kind.NAME, "model's name");
    assertRefused(
        () -> Manifest.sorted("\ud800", FILES, resources), OmsException.Kind.NAME, "surrogate");
    assertRefused(
        () -> Manifest.sorted("m", FILES.withIgnorePaths(List.of("a", "")), resources),
        OmsException.Kind.NAME,
        "An ignored path");
  }

  @Test
  void resource_withoutBytes_isRefused() {
    Digest digest = Digest.of(filled(32, 0));

    assertThatThrownBy(() -> new Resource("a", 5, 5, digest))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Resource("a", -1, 5, digest))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Resource("a", 5, Resource.WHOLE, digest))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Resource file(String path) {
    return Resource.whole(path, Digest.of(filled(32, path.hashCode())));
  }

  private static Resource shard(String path, long start, long end) {
    return new Resource(path, start, end, Digest.of(filled(32, (int) end)));
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static Manifest listed(Serialization serialization, List<Resource> resources)
      throws OmsException {
    return Manifest.asListed("m", serialization, resources, CanonicalName.DEFAULT_MAX_BYTES);
  }
}
