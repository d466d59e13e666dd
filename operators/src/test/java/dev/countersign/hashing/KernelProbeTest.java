package dev.countersign.hashing;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KernelProbeTest {

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  @TempDir private Path folder;

  @Test
  void fastest_ofASlowAndAFastKernel_isTheFastOne() {
    List<HashKernel> kernels =
        List.of(kernel("slow", 2_000), kernel("fast", 0), kernel("slower", 4_000));

    HashKernel fastest = new KernelProbe(new KernelCache(null)).fastest("sha256", kernels);

    assertThat(fastest.description()).isEqualTo("fast");
  }

  @Test
  void fastest_ofKernelsOfNearlyTheSameSpeed_isTheFirst() {
    List<HashKernel> kernels = List.of(kernel("usual", 1_000), kernel("vector", 900));

    HashKernel fastest = new KernelProbe(new KernelCache(null)).fastest("sha256", kernels);

    assertThat(fastest.description()).isEqualTo("usual");
  }

  @Test
  void fastest_onceMeasured_isRemembered() {
    HashKernel chosen =
        probe().fastest("sha256", List.of(kernel("slow", 2_000), kernel("fast", 0)));

    List<HashKernel> later = List.of(kernel("slow", 0), kernel("fast", 2_000));

    assertThat(chosen.description()).isEqualTo("fast");
    assertThat(probe().remembered("sha256", later)).contains(later.get(1));
    assertThat(probe().fastest("sha256", later)).isSameAs(later.get(1));
    assertThat(probe().remembered("blake3", later)).isEmpty();
  }

  @Test
  void fastest_ifTheRememberedKernelIsGone_isMeasuredAgain() {
    new KernelCache(file()).put("sha256", "other");

    HashKernel fastest =
        probe().fastest("sha256", List.of(kernel("slow", 2_000), kernel("fast", 0)));

    assertThat(fastest.description()).isEqualTo("fast");
    assertThat(new KernelCache(file()).get("sha256")).isEqualTo(Optional.of("fast"));
  }

  private KernelProbe probe() {
    return new KernelProbe(new KernelCache(file()));
  }

  private Path file() {
    return folder.resolve("kernels").resolve("key.properties");
  }

  private static HashKernel kernel(String description, int micros) {
    return new StreamKernel(
        "sha256",
        description,
        32,
        () ->
            new HashState() {
              @Override
              public void update(byte[] buffer, int offset, int length) {
                long end =
                    THREADS.getCurrentThreadCpuTime() + TimeUnit.MICROSECONDS.toNanos(micros);
                while (THREADS.getCurrentThreadCpuTime() < end) {
                  Thread.onSpinWait();
                }
              }

              @Override
              public byte[] digest() {
                return new byte[32];
              }
            });
  }
}
