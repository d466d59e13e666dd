package dev.countersign.storage.local;

import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageException.Kind;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import java.util.Objects;

/** Says in our words what the operating system refused. */
final class LocalFaults {

  /** The most bytes of a path that Linux takes, PATH_MAX without its final NUL. */
  private static final int MAX_PATH_BYTES = 4095;

  /** What the system says of that which cannot be read later either. */
  private static final List<String> LASTING =
      List.of(
          "Is a directory",
          "No such device or address",
          "File name too long",
          "Too many levels of symbolic links",
          "Operation not permitted",
          "Operation not supported",
          "Invalid argument");

  /** What the system says of mounts, disks and limits that may recover. */
  private static final List<String> PASSING =
      List.of(
          "Input/output error",
          "Remote I/O error",
          "Stale file handle",
          "Connection timed out",
          "Connection reset",
          "Connection refused",
          "Host is down",
          "No route to host",
          "Network is unreachable",
          "Transport endpoint is not connected",
          "Resource temporarily unavailable",
          "Device or resource busy",
          "Interrupted system call",
          "Too many open files");

  private LocalFaults() {}

  /** Returns what to throw when {@code uri} could not be listed, looked at or read. */
  static StorageException reading(String uri, IOException fault) {
    if (fault instanceof NoSuchFileException || isNoDirectory(fault)) {
      return StorageException.notFound(uri, fault);
    }
    if (fault instanceof AccessDeniedException) {
      return StorageException.denied(uri, fault);
    }
    String shown = Printable.of(uri);
    if (fault instanceof ClosedChannelException) {
      return new StorageException(
          Kind.UNREADABLE,
          uri,
          Message.of("Reading %s was stopped before its end.", shown),
          true,
          fault);
    }
    return new StorageException(
        Kind.UNREADABLE,
        uri,
        Message.of("%s cannot be read: %s. Check its disk or mount.", shown, reason(fault)),
        LASTING.stream().noneMatch(reason(fault)::contains),
        fault);
  }

  /** Tells whether a write that failed may go well later; if in doubt, not. */
  static boolean mayBeWritten(IOException fault) {
    return !(fault instanceof ClosedChannelException)
        && PASSING.stream().anyMatch(reason(fault)::contains);
  }

  /** Returns what to throw when what is at {@code uri} is not a file that a new one may replace. */
  static StorageException special(String uri) {
    return StorageException.of(
        Kind.NOT_WRITABLE,
        uri,
        "%s is a pipe, a socket or a device, and no file replaces it. Name another file.",
        Printable.of(uri));
  }

  /**
   * Returns what to throw when a path is longer than the operating system takes, or the fault's
   * own.
   */
  static StorageException tooLongOr(String uri, StorageException other) {
    return isTooLong(uri) ? tooLong(uri) : other;
  }

  static boolean isTooLong(String uri) {
    return uri.length() > MAX_PATH_BYTES / 3
        && uri.getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES;
  }

  static StorageException tooLong(String uri) {
    return StorageException.of(
        Kind.LIMIT_EXCEEDED,
        uri,
        "The path %s is longer than %d bytes, which the operating system cannot open. Move the"
            + " model further up, or ignore that folder.",
        Printable.of(uri),
        MAX_PATH_BYTES);
  }

  /**
   * Tells whether a path goes through a file as if that were a directory: nothing can lie there.
   */
  static boolean isNoDirectory(IOException fault) {
    return fault instanceof NotDirectoryException
        || (fault instanceof FileSystemException named
            && "Not a directory".equals(named.getReason()));
  }

  /** Returns what stopped an iteration. */
  static IOException cause(DirectoryIteratorException stopped) {
    return Objects.requireNonNull(stopped.getCause(), "such an exception always has a cause");
  }

  /** Returns the operating system's word for a fault, escaped. */
  static String reason(IOException fault) {
    String reason =
        fault instanceof FileSystemException named ? named.getReason() : fault.getMessage();
    return Printable.of(reason == null ? fault.getClass().getSimpleName() : reason);
  }
}
