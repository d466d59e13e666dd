package dev.countersign.hashing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class HashKernelsTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(KernelChoice.class)
  void forAlgorithm_ofAnyChoice_hasAKernelForEachAlgorithm(KernelChoice choice) {
    HashKernels kernels = kernels(choice);

    for (String algorithm : HashKernels.ALGORITHMS) {
      assertThat(kernels.forAlgorithm(algorithm).algorithm()).isEqualTo(algorithm);
      assertThat(kernels.known(algorithm)).contains(kernels.forAlgorithm(algorithm));
    }
  }

  @Test
  void forAlgorithm_ofPortableOnes_isOfThisProject() {
    HashKernels portable = kernels(KernelChoice.PORTABLE);

    assertThat(HashKernels.ALGORITHMS)
        .extracting(algorithm -> portable.forAlgorithm(algorithm).description())
        .containsExactly("portable SHA-256", "portable BLAKE2b", "portable BLAKE3");
  }

  @Test
  void forAlgorithm_ofTheJdk_isPortableWhereTheJdkHasNone() {
    HashKernels jdk = kernels(KernelChoice.JDK);

    assertThat(HashKernels.ALGORITHMS)
        .extracting(algorithm -> jdk.forAlgorithm(algorithm).description())
        .containsExactly("JDK SHA-256", "portable BLAKE2b", "portable BLAKE3");
  }

  @Test
  void forAlgorithm_ofVectors_isTheVectorApisWhereItHasOne() {
    HashKernels vector = kernels(KernelChoice.VECTOR);

    assertThat(vector.forAlgorithm("blake3").description())
        .isEqualTo(VectorKernels.named("blake3").description())
        .matches("BLAKE3 in vectors of (8|16) lanes");
    assertThat(vector.forAlgorithm("blake2b").description()).isEqualTo("portable BLAKE2b");
  }

  @Test
  void forAlgorithm_ofTheFastest_isTheRememberedOne() {
    KernelCache cache = new KernelCache(folder.resolve("kernels.properties"));
    cache.put("blake3", "portable BLAKE3");

    assertThat(kernels(KernelChoice.AUTO).forAlgorithm("blake3").description())
        .isEqualTo("portable BLAKE3");
  }

  @Test
  void known_ofTheFastestThatIsNotMeasured_isEmpty() {
    assertThat(VectorKernels.named("blake3").algorithm()).isEqualTo("blake3");
    assertThat(kernels(KernelChoice.AUTO).known("blake3")).isEmpty();
  }

  @Test
  void of_choiceTwice_isTheSame() {
    assertThat(HashKernels.of(KernelChoice.JDK)).isSameAs(HashKernels.of(KernelChoice.JDK));
  }

  @Test
  void forAlgorithm_withAnUnknownName_namesIt() {
    assertThatThrownBy(() -> kernels(KernelChoice.JDK).forAlgorithm("SHA256"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no kernel for the hash algorithm SHA256");
  }

  private HashKernels kernels(KernelChoice choice) {
    return new HashKernels(
        choice, new KernelProbe(new KernelCache(folder.resolve("kernels.properties"))));
  }
}
