package dev.countersign.hashing.vector;

import dev.countersign.hashing.Blake3Kernel;
import dev.countersign.hashing.HashBatch;
import dev.countersign.hashing.HashKernel;
import dev.countersign.hashing.HashState;
import dev.countersign.hashing.JdkSha256;
import dev.countersign.hashing.KernelFamily;
import dev.countersign.hashing.PortableSha256;
import java.util.List;
import java.util.Optional;

/** The kernels of this package; found by name, so that nothing needs its module. */
public final class VectorKernels implements KernelFamily {

  /** Vectors of fewer lanes are no faster than portable code. */
  private static final int FEWEST_LANES = 8;

  private static final int MOST_LANES = 16;

  /** A stream alone is the JDK's; vectors are for several. */
  private record VectorSha256Kernel(String description) implements HashKernel {
    @Override
    public String algorithm() {
      return "sha256";
    }

    @Override
    public int digestLength() {
      return PortableSha256.DIGEST_BYTES;
    }

    @Override
    public HashState newState() {
      return JdkSha256.KERNEL.newState();
    }

    @Override
    public Optional<HashBatch> newBatch() {
      return Optional.of(new VectorSha256());
    }
  }

  /** Called by reflection. */
  public VectorKernels() {}

  @Override
  public List<HashKernel> kernels() {
    int lanes = LaneTranspose.LANES;
    if (lanes != FEWEST_LANES && lanes != MOST_LANES) {
      return List.of();
    }
    return List.of(
        new VectorSha256Kernel("SHA-256 in vectors of " + lanes + " lanes"),
        new Blake3Kernel("BLAKE3 in vectors of " + lanes + " lanes", VectorBlake3::new));
  }
}
