package dev.countersign.hashing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** The kernels for the Vector API, which tests find by name like the program. */
final class VectorKernels {

  private VectorKernels() {}

  static HashKernel named(String algorithm) {
    List<HashKernel> kernels =
        HashKernels.vectorKernels().stream()
            .filter(kernel -> kernel.algorithm().equals(algorithm))
            .toList();
    assertThat(kernels)
        .as("Run with --add-modules jdk.incubator.vector on a processor with AVX2 or AVX-512")
        .hasSize(1);
    return kernels.get(0);
  }
}
