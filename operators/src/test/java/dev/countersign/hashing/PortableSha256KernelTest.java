package dev.countersign.hashing;

final class PortableSha256KernelTest extends AbstractSha256KernelTest {

  @Override
  HashKernel kernel() {
    return new StreamKernel("sha256", "portable SHA-256", 32, PortableSha256::new);
  }
}
