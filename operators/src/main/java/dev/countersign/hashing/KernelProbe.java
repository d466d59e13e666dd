package dev.countersign.hashing;

import dev.countersign.hashing.HashBatch.Piece;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Finds out which of several kernels is the fastest, by measuring them in turn on data like that of
 * a model. A kernel's rate is that of its best turn, since others use the processor at the same
 * time. Compiled code comes late, so the turns go on until no kernel has become faster for a while.
 */
final class KernelProbe {

  private static final int BYTES = 1 << 19;

  /** Into how many files a batch cuts them. */
  private static final int FILES = 32;

  private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  /** Turns of each kernel in which none gets faster, before it ends. */
  private static final int STEADY_TURNS = 12;

  private static final int MOST_TURNS = 100;

  /** How much faster than before is faster. */
  private static final double FASTER = 1.05;

  /**
   * How much faster than the first kernel another one has to be. Those for the Vector API come
   * after it, and take a second or two of processor time until they are compiled.
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
    int steady = 0;
    for (int turn = 0; turn < MOST_TURNS && steady < STEADY_TURNS; turn++) {
      steady++;
      for (int i = 0; i < best.length; i++) {
        double rate = rate(runs.get(i));
        if (rate > best[i] * FASTER) {
          steady = 0;
        }
        best[i] = Math.max(best[i], rate);
      }
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
    long start = System.nanoTime();
    long nanos;
    do {
      run.run();
      count++;
      nanos = System.nanoTime() - start;
    } while (nanos < TURN_NANOS);
    return (double) count / nanos;
  }
}
