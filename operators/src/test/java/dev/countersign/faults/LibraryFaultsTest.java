package dev.countersign.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.schemas.FailureReason;
import dev.countersign.storage.StorageException;
import org.junit.jupiter.api.Test;

final class LibraryFaultsTest {

  @Test
  void failureOf_aStorageFault_knowsWhetherItMayPass() {
    StorageException passing =
        new StorageException(StorageException.Kind.UNREADABLE, "u", "Busy.", true, null);
    StorageException lasting = new StorageException(StorageException.Kind.NAME, "u", "Odd.");

    assertThat(LibraryFaults.failureOf(passing).isTransient()).isTrue();
    assertThat(LibraryFaults.failureOf(lasting).isTransient()).isFalse();
  }

  @Test
  void failureOf_anError_isAFailureOfTheModel() {
    assertThat(LibraryFaults.failureOf("/m", new OutOfMemoryError("heap")).reason())
        .isEqualTo(FailureReason.LIMIT_EXCEEDED);
    assertThat(LibraryFaults.failureOf("/m", new NoClassDefFoundError("a/b")))
        .hasMessageContaining("NoClassDefFoundError: a/b")
        .hasMessageContaining("report");
    assertThat(LibraryFaults.failureOf("/m", new IllegalStateException("a\u001b[2Jb")).getMessage())
        .contains("a\\u001b[2Jb");
  }
}
