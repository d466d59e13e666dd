package dev.countersign.hashing;

final class PortableBlake3KernelTest extends AbstractBlake3KernelTest {

  @Override
  Blake3Kernel kernel() {
    return new Blake3Kernel("portable BLAKE3", PortableBlake3::new);
  }
}
