package dev.countersign.source.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.storage.RangeInput;
import dev.countersign.storage.StorageException;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class ReadAheadTest {

  private final ReadAhead readAhead = new ReadAhead("test-read-ahead", 64);

  @AfterEach
  void close() {
    readAhead.close();
  }

  @Test
  void drain_ofAwkwardSizes_givesEveryByteInOrder() throws Exception {
    for (int length : new int[] {0, 1, 63, 64, 65, 127, 128, 129, 1_000}) {
      byte[] content = new byte[length];
      new Random(length).nextBytes(content);

      assertThat(drained(new Bytes(content, Integer.MAX_VALUE))).isEqualTo(content);
      assertThat(drained(new Bytes(content, 7))).isEqualTo(content);
    }
  }

  @Test
  void drain_whenReadingFails_throwsWhatWasThrownAndCanGoOn() throws Exception {
    StorageException refused =
        new StorageException(StorageException.Kind.UNREADABLE, "/m", "cannot be read");
    IllegalStateException fault = new IllegalStateException("a bug");
    AssertionError error = new AssertionError("worse");

    assertThatThrownBy(() -> drained(new Failing(refused))).isSameAs(refused);
    assertThatThrownBy(() -> drained(new Failing(fault))).isSameAs(fault);
    assertThatThrownBy(() -> drained(new Failing(error))).isSameAs(error);
    assertThat(drained(new Bytes(new byte[100], 64))).hasSize(100);
  }

  @Test
  void drain_whenTheSinkCancels_leavesTheBlockedThreadAndItsBuffers() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Blocking blocking = new Blocking(release);

    assertThatThrownBy(
            () ->
                readAhead.drain(
                    blocking,
                    (buffer, length) -> {
                      awaitUninterruptibly(blocking.blocked);
                      throw new UnitHasher.CancelledException();
                    }))
        .isInstanceOf(UnitHasher.CancelledException.class);
    byte[] next = drained(new Bytes(new byte[1_000], 64));
    release.countDown();
    blocking.ended.await();

    assertThat(next).containsOnly(0).hasSize(1_000);
    assertThat(drained(new Bytes(new byte[1_000], 64))).containsOnly(0).hasSize(1_000);
  }

  @Test
  void drain_whenInterrupted_endsAndKeepsTheInterrupt() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    AtomicReference<Boolean> interrupted = new AtomicReference<>();
    Blocking blocking = new Blocking(release);
    Thread lane =
        new Thread(
            () -> {
              try {
                readAhead.drain(blocking, (buffer, length) -> {});
              } catch (UnitHasher.CancelledException | StorageException e) {
                thrown.set(e);
              }
              interrupted.set(Thread.currentThread().isInterrupted());
            });

    lane.start();
    blocking.blocked.await();
    lane.interrupt();
    lane.join();
    release.countDown();

    assertThat(thrown.get()).isInstanceOf(UnitHasher.CancelledException.class);
    assertThat(interrupted.get()).isTrue();
  }

  private byte[] drained(RangeInput input) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    readAhead.drain(input, (buffer, length) -> bytes.write(buffer, 0, length));
    return bytes.toByteArray();
  }

  /** Waits as a read in a system call does: nothing ends it. */
  private static void awaitUninterruptibly(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        // Goes on waiting.
      }
    }
  }

  private abstract static class Input implements RangeInput {
    @Override
    public void finish() {}

    @Override
    public void close() {}
  }

  /** Gives bytes, at most some at a time. */
  private static final class Bytes extends Input {
    private final byte[] content;
    private final int most;
    private int position;

    Bytes(byte[] content, int most) {
      this.content = content;
      this.most = most;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      int count = Math.min(Math.min(most, length), content.length - position);
      if (count == 0) {
        return -1;
      }
      System.arraycopy(content, position, buffer, offset, count);
      position += count;
      return count;
    }
  }

  /** Gives one buffer, then fails. */
  private static final class Failing extends Input {
    private final Throwable fault;
    private boolean read;

    Failing(Throwable fault) {
      this.fault = fault;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws StorageException {
      if (!read) {
        read = true;
        return length;
      }
      if (fault instanceof StorageException storage) {
        throw storage;
      } else if (fault instanceof RuntimeException runtime) {
        throw runtime;
      }
      throw (Error) fault;
    }
  }

  /**
   * Gives one byte, then blocks whatever interrupts it, then fills the buffer that it was given.
   */
  private static final class Blocking extends Input {
    private final CountDownLatch release;
    private final CountDownLatch blocked = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private boolean read;

    Blocking(CountDownLatch release) {
      this.release = release;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      if (!read) {
        read = true;
        return 1;
      }
      blocked.countDown();
      awaitUninterruptibly(release);
      Arrays.fill(buffer, offset, offset + length, (byte) 0xff);
      ended.countDown();
      return length;
    }
  }
}
