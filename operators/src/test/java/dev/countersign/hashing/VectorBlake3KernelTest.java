package dev.countersign.hashing;

final class VectorBlake3KernelTest extends AbstractBlake3KernelTest {

  @Override
  Blake3Kernel kernel() {
    return (Blake3Kernel) VectorKernels.named("blake3");
  }
}
