package dev.countersign.hashing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class HashKernelsTest {

  @Test
  void all_holdsOneKernelForEachAlgorithm() {
    assertThat(HashKernels.all())
        .extracting(HashKernel::algorithm)
        .as("the algorithms of OMS 1.0")
        .containsExactlyInAnyOrder("sha256", "blake2b", "blake3");
  }

  @Test
  void descriptions_areTheOnesThatVersionPrints() {
    assertThat(HashKernels.all())
        .extracting(HashKernel::description)
        .containsExactlyInAnyOrder("JDK SHA-256", "portable BLAKE2b", "portable BLAKE3");
  }

  @Test
  void forAlgorithm_withAnUnknownName_namesIt() {
    assertThatThrownBy(() -> HashKernels.forAlgorithm("SHA256"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no kernel for the hash algorithm SHA256");
  }
}
