package dev.countersign.hashing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import dev.countersign.hashing.HashBatch.Piece;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Vectors that C2 cannot keep in registers are objects, and hashing is then twenty times slower.
 * Compiled code of the kernels allocates nothing.
 */
final class VectorAllocationTest {

  private static final int BYTES = 1 << 20;
  private static final long MOST_BYTES = 1 << 12;
  private static final long COMPILED_AFTER = TimeUnit.SECONDS.toNanos(60);

  @BeforeEach
  void compilesWithC2() {
    assumeThat(System.getProperty("java.vm.info"))
        .as("a JVM without C2 always allocates vectors")
        .doesNotContain("emulated-client")
        .doesNotContain("interpreted");
  }

  @Test
  void blake3_onceCompiled_allocatesNothing() {
    HashState state = VectorKernels.named("blake3").newState();
    byte[] data = new byte[BYTES];

    assertThat(leastAllocated(() -> state.update(data, 0, BYTES))).isLessThan(MOST_BYTES);
  }

  @Test
  void sha256_onceCompiled_allocatesLessThanItsBookkeeping() {
    HashBatch batch = VectorKernels.named("sha256").newBatch().orElseThrow();
    byte[] data = new byte[BYTES];
    List<Piece> pieces =
        IntStream.range(0, batch.lanes())
            .mapToObj(i -> new Piece(batch.newState(), data, 0, BYTES / batch.lanes(), false))
            .toList();

    assertThat(leastAllocated(() -> batch.update(pieces))).isLessThan(MOST_BYTES);
  }

  /** Bytes that a call allocates as soon as it allocates few, or at last. */
  private static long leastAllocated(Runnable call) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long start = System.nanoTime();
    long allocated;
    do {
      long before = threads.getCurrentThreadAllocatedBytes();
      call.run();
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    } while (allocated >= MOST_BYTES && System.nanoTime() - start < COMPILED_AFTER);
    return allocated;
  }
}
