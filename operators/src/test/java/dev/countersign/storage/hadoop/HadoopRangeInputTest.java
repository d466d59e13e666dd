package dev.countersign.storage.hadoop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.storage.StorageException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Aborting a read from a stream that, like HDFS's, lets nobody close it while someone reads. */
final class HadoopRangeInputTest {

  @Test
  @Timeout(20)
  void close_whileAnotherThreadReads_abortsTheReadAndClosesTheStream() throws Exception {
    StalledStream stalled = new StalledStream();
    HadoopRangeInput input =
        new HadoopRangeInput(
            new FSDataInputStream(stalled), 0, 100, true, "hdfs://store/m/f", () -> {});
    Thread aborter = new Thread(() -> abort(stalled, input));
    aborter.start();

    StorageException e =
        catchThrowableOfType(StorageException.class, () -> input.read(new byte[10], 0, 10));
    aborter.join();

    assertThat(e.kind()).isEqualTo(StorageException.Kind.UNREADABLE);
    assertThat(e.transientFault()).isTrue();
    assertThat(stalled.closed).isTrue();
    assertThat(Thread.interrupted()).as("no interrupt is left behind").isFalse();
  }

  @Test
  void read_afterClose_fails() throws Exception {
    StalledStream stalled = new StalledStream();
    HadoopRangeInput input =
        new HadoopRangeInput(
            new FSDataInputStream(stalled), 0, 100, true, "hdfs://store/m/f", () -> {});

    input.close();
    StorageException e =
        catchThrowableOfType(StorageException.class, () -> input.read(new byte[10], 0, 10));

    assertThat(stalled.closed).isTrue();
    assertThat(e.transientFault()).isTrue();
  }

  private static void abort(StalledStream stalled, HadoopRangeInput input) {
    try {
      stalled.reading.await();
      input.close();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Reads until it is interrupted. */
  private static final class StalledStream extends FSInputStream {
    private final CountDownLatch reading = new CountDownLatch(1);
    private boolean closed;

    @Override
    public synchronized int read() throws IOException {
      reading.countDown();
      try {
        Thread.sleep(TimeUnit.HOURS.toMillis(1));
      } catch (InterruptedException e) {
        throw new InterruptedIOException("interrupted");
      }
      return -1;
    }

    @Override
    public synchronized int read(byte[] buffer, int offset, int length) throws IOException {
      return read();
    }

    @Override
    public synchronized void close() {
      closed = true;
    }

    @Override
    public void seek(long position) {}

    @Override
    public long getPos() {
      return 0;
    }

    @Override
    public boolean seekToNewSource(long position) {
      return false;
    }
  }
}
