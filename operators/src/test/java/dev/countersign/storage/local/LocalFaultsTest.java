package dev.countersign.storage.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which faults of local disks and mounts are worth another try. */
final class LocalFaultsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Input/output error",
        "Stale file handle",
        "Connection timed out",
        "Transport endpoint is not connected",
        "Too many open files",
      })
  void fault_ofAMountThatMayRecover_isWorthAnotherTry(String reason) {
    assertThat(LocalFaults.reading("/m/w", new FileSystemException("/m/w", null, reason)))
        .satisfies(fault -> assertThat(fault.transientFault()).isTrue());
    assertThat(LocalFaults.reading("/m/w", new IOException(reason)).transientFault()).isTrue();
    assertThat(LocalFaults.mayBeWritten(new IOException(reason))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Is a directory",
        "No such device or address",
        "File name too long",
        "Operation not permitted",
        "Too many levels of symbolic links",
      })
  void fault_ofWhatIsThere_isNot(String reason) {
    assertThat(
            LocalFaults.reading("/m/w", new FileSystemException("/m/w", null, reason))
                .transientFault())
        .isFalse();
    assertThat(LocalFaults.mayBeWritten(new FileSystemException("/m/w", null, reason))).isFalse();
  }

  @Test
  void fault_ofAMissingOrForbiddenFile_isNot() {
    assertThat(LocalFaults.reading("/m", new NoSuchFileException("/m")).transientFault()).isFalse();
    assertThat(LocalFaults.reading("/m", new AccessDeniedException("/m")).transientFault())
        .isFalse();
    assertThat(LocalFaults.mayBeWritten(new AccessDeniedException("/m"))).isFalse();
    assertThat(LocalFaults.mayBeWritten(new IOException("Read-only file system"))).isFalse();
    assertThat(LocalFaults.mayBeWritten(new ClosedByInterruptException())).isFalse();
  }
}
