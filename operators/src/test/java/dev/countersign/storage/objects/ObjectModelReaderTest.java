package dev.countersign.storage.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.storage.ModelReader;
import dev.countersign.storage.RangeInput;
import dev.countersign.storage.RangeSource;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageException.Kind;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
final class ObjectModelReaderTest {

  private static final AtomicInteger TESTS = new AtomicInteger();
  private static final int LENGTH = 20 << 20;

  private final String name = "reader-" + TESTS.incrementAndGet();
  private final FakeBucket bucket = FakeStore.bucket(name);
  private final String model = "mem://" + name + "/m";
  private final byte[] content = new byte[LENGTH];
  private StoredFile file;

  @BeforeEach
  void putFile() {
    for (int i = 0; i < LENGTH; i++) {
      content[i] = (byte) (i >> 10);
    }
    file = new StoredFile("f", "f", 0, LENGTH, bucket.put("m/f", content), 0);
  }

  @Test
  void read_inOrder_isOneRequestForEachBufferOfUpTo8Mebibytes() throws Exception {
    byte[] buffer = new byte[LENGTH];

    int read = 0;
    try (ModelReader reader = reader();
        RangeInput input = reader.open(file, 0, LENGTH)) {
      for (int more; (more = input.read(buffer, read, LENGTH - read)) > 0; read += more) {}
      input.finish();
    }

    assertThat(buffer).isEqualTo(content);
    assertThat(bucket.takeLog())
        .containsExactly(
            "GET m/f 0-8388607", "GET m/f 8388608-16777215", "GET m/f 16777216-20971519");
  }

  @Test
  void read_ofParts_isOneRequestForEach() throws Exception {
    byte[] buffer = new byte[30];

    try (ModelReader reader = reader();
        RangeSource parts = reader.openParts(file, 1000, LENGTH).orElseThrow()) {
      parts.read(5000, buffer, 10, 20);
      parts.read(1000, buffer, 0, 10);
      parts.finish();
    }

    assertThat(buffer[0]).isEqualTo(content[1000]);
    assertThat(buffer[29]).isEqualTo(content[5019]);
    assertThat(bucket.takeLog()).containsExactly("GET m/f 5000-5019", "GET m/f 1000-1009");
  }

  @Test
  void read_ofPartsOfAnObjectThatIsReplaced_isChanged() throws Exception {
    try (ModelReader reader = reader();
        RangeSource parts = reader.openParts(file, 0, LENGTH).orElseThrow()) {
      parts.read(0, new byte[10], 0, 10);
      bucket.put("m/f", content);

      StorageException e = failure(() -> parts.read(10, new byte[10], 0, 10));

      assertThat(e.kind()).isEqualTo(Kind.CHANGED);
    }
  }

  @Test
  void close_whilePartsAreRead_abortsTheReadAndLeavesNoInterrupt() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    bucket.hook(
        request -> {
          asked.countDown();
          try {
            Thread.sleep(60_000);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw StorageException.of(Kind.UNREADABLE, "mem:/x", "interrupted");
          }
        });
    AtomicReference<StorageException> fault = new AtomicReference<>();
    AtomicReference<Boolean> interrupted = new AtomicReference<>();

    try (ModelReader reader = reader()) {
      RangeSource parts = reader.openParts(file, 0, LENGTH).orElseThrow();
      Thread thread =
          new Thread(
              () -> {
                fault.set(failure(() -> parts.read(0, new byte[10], 0, 10)));
                interrupted.set(Thread.currentThread().isInterrupted());
              });
      thread.start();
      asked.await();
      parts.close();
      parts.close();
      thread.join();

      assertThat(fault.get().kind()).isEqualTo(Kind.UNREADABLE);
      assertThat(fault.get())
          .hasMessage(model + "/f cannot be read: the read was aborted. Run again.");
      assertThat(interrupted.get()).isFalse();
      assertThat(failure(() -> parts.read(0, new byte[10], 0, 10)).kind())
          .isEqualTo(Kind.UNREADABLE);
    }
  }

  private ModelReader reader() throws StorageException {
    return Storages.forUri(model).openModel(model, List.of());
  }

  private static StorageException failure(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return catchThrowableOfType(StorageException.class, call);
  }
}
