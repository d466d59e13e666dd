package dev.countersign.hashing;

import dev.countersign.hashing.HashBatch.Piece;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Finds out which of several kernels is the fastest, by measuring them in turn on data like that of
 * a model. A rate is bytes over the processor time of this thread, and a kernel's is that of its
 * best turn, since other programs slow it down. Compiled code comes late, so the turns go on until
 * no kernel has become faster for a while.
 */
final class KernelProbe {

  private static final int BYTES = 1 << 17;

  /** Into how many files a batch cuts them. */
  private static final int FILES = 32;

  // Times of the processor.
  private static final long TURN = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long LEAST = TimeUnit.MILLISECONDS.toNanos(1_000);
  private static final long STEADY = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long MOST = TimeUnit.MILLISECONDS.toNanos(3_000);

  /** Ratio to the best rate so far from which a turn counts as faster. */
  private static final double FASTER = 1.05;

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /**
   * Ratio to the rate of the first kernel that another one has to reach. Those for the Vector API
   * come after it, and take a second or two of processor time until they are compiled.
   */
  private static final double WORTH_IT = 1.25;

  private final KernelCache cache;

  /** Remembers what it found out in {@code cache}. */
  KernelProbe(KernelCache cache) {
    this.cache = cache;
  }

  /** Returns the one of {@code candidates} that is remembered as the fastest. */
  Optional<HashKernel> remembered(String algorithm, List<HashKernel> candidates) {
    Optional<String> description = cache.get(algorithm);
    return candidates.stream()
        .filter(kernel -> description.filter(kernel.description()::equals).isPresent())
        .findFirst();
  }

  /**
   * Returns the fastest one of {@code candidates}, or the first one if that is nearly as fast;
   * measures them if it is not remembered.
   */
  HashKernel fastest(String algorithm, List<HashKernel> candidates) {
    return remembered(algorithm, candidates).orElseGet(() -> measure(algorithm, candidates));
  }

  private HashKernel measure(String algorithm, List<HashKernel> candidates) {
    byte[] data = new byte[BYTES];
    List<Runnable> runs = candidates.stream().map(kernel -> hashing(kernel, data)).toList();
    double[] best = new double[candidates.size()];
    long start = now();
    long steadySince = start;
    long now = start;
    while (now - start < MOST && (now - start < LEAST || now - steadySince < STEADY)) {
      for (int i = 0; i < best.length; i++) {
        double rate = rate(runs.get(i));
        steadySince = rate > best[i] * FASTER ? now() : steadySince;
        best[i] = Math.max(best[i], rate);
      }
      now = now();
    }
    int fastest = 0;
    best[0] *= WORTH_IT;
    for (int i = 1; i < best.length; i++) {
      fastest = best[i] > best[fastest] ? i : fastest;
    }
    HashKernel chosen = candidates.get(fastest);
    cache.put(algorithm, chosen.description());
    return chosen;
  }

  /** Hashes {@code data}, as the files of a pack if the kernel gains by that. */
  private static Runnable hashing(HashKernel kernel, byte[] data) {
    Optional<HashBatch> found = kernel.newBatch();
    if (found.isEmpty()) {
      HashState state = kernel.newState();
      return () -> state.update(data, 0, data.length);
    }
    HashBatch batch = found.get();
    int length = data.length / FILES;
    List<Piece> pieces =
        IntStream.range(0, FILES)
            .mapToObj(i -> new Piece(batch.newState(), data, i * length, length, true))
            .toList();
    return () -> {
      batch.update(pieces);
      pieces.forEach(KernelProbe::end);
    };
  }

  private static void end(Piece piece) {
    byte[] unused = piece.state().digest();
  }

  /** Runs a nanosecond. */
  private static double rate(Runnable run) {
    int count = 0;
    long start = now();
    long nanos;
    do {
      run.run();
      count++;
      nanos = now() - start;
    } while (nanos < TURN);
    return (double) count / nanos;
  }

  private static long now() {
    return THREADS.isCurrentThreadCpuTimeSupported()
        ? THREADS.getCurrentThreadCpuTime()
        : System.nanoTime();
  }
}
