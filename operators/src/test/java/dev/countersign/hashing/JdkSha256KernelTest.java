package dev.countersign.hashing;

final class JdkSha256KernelTest extends AbstractSha256KernelTest {

  @Override
  HashKernel kernel() {
    return JdkSha256.KERNEL;
  }
}
