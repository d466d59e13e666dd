package dev.countersign.hashing;

import dev.countersign.hashing.HashBatch.Piece;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Kernels on one core. A call hashes {@value #BYTES} bytes, so a thousand calls a second are 1.05
 * GB/s. A choice that has no kernel of its own for an algorithm repeats another one's figures.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class HashKernelBenchmark {

  private static final int BYTES = 1 << 20;
  private static final int FILES = 64;

  /** Algorithm and choice. */
  @Param({
    "sha256 JDK",
    "sha256 PORTABLE",
    "sha256 VECTOR",
    "blake2b PORTABLE",
    "blake3 PORTABLE",
    "blake3 VECTOR"
  })
  private String kernel;

  private final byte[] data = new byte[BYTES];
  private HashState stream;
  private Runnable files;

  /** Makes states of the kernel. */
  @Setup
  public void makeStates() {
    new Random(1).nextBytes(data);
    String[] words = kernel.split(" ");
    HashKernel chosen = HashKernels.of(KernelChoice.valueOf(words[1])).forAlgorithm(words[0]);
    stream = chosen.newState();
    Optional<HashBatch> batch = chosen.newBatch();
    files = batch.isPresent() ? sideBySide(batch.get()) : oneByOne(chosen.newState());
  }

  private Runnable sideBySide(HashBatch batch) {
    int length = BYTES / FILES;
    List<Piece> pieces =
        IntStream.range(0, FILES)
            .mapToObj(i -> new Piece(batch.newState(), data, i * length, length, true))
            .toList();
    return () -> {
      batch.update(pieces);
      pieces.forEach(piece -> piece.state().digest());
    };
  }

  private Runnable oneByOne(HashState state) {
    int length = BYTES / FILES;
    return () -> {
      for (int i = 0; i < FILES; i++) {
        state.update(data, i * length, length);
        byte[] unused = state.digest();
      }
    };
  }

  /** Hashes a part of a large file. */
  @Benchmark
  public void largeFile() {
    stream.update(data, 0, BYTES);
  }

  /** Hashes files of 16 KiB that are in memory. */
  @Benchmark
  public void smallFiles() {
    files.run();
  }
}
