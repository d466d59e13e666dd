package dev.countersign.storage.local;

import dev.countersign.storage.AtomicOutput;
import dev.countersign.storage.ShownText;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageException.Kind;
import dev.countersign.storage.Storages;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/** Writes a file whole: beside its place first, to the disk, then under its name. */
final class LocalFileWriter {

  private static final int BUFFER_BYTES = 1 << 16;

  private final String uri;
  private final Path target;
  private final Path folder;
  private final Path temporary;

  LocalFileWriter(String uri) throws StorageException {
    this.uri = uri;
    if (uri.equals("/")) {
      throw new StorageException(Kind.NOT_WRITABLE, uri, "/ is a directory. Name a file in it.");
    }
    this.target = LocalPaths.of(uri);
    this.folder = LocalPaths.of(Storages.parent(uri));
    this.temporary = LocalPaths.of(Storages.temporary(uri));
  }

  /** Removes what a run that crashed may have left. */
  void removeTemporary() throws StorageException {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      throw refused(e, 0);
    }
  }

  void write(byte[] content) throws StorageException {
    try (AtomicOutput output = open(content.length)) {
      try {
        output.write(content);
        output.commit();
      } catch (IOException e) {
        throw output.explain(e);
      }
    } catch (IOException e) {
      throw refused(e, content.length); // What is left of it could not be removed.
    }
  }

  /**
   * Begins a file, whose bytes lie beside its place until it is committed.
   *
   * @param expected how many bytes it will have at least, for messages
   */
  AtomicOutput open(long expected) throws StorageException {
    try {
      if (isDirectory(target)) {
        throw new StorageException(
            Kind.NOT_WRITABLE,
            uri,
            String.format(
                Locale.ROOT,
                "%s is a directory, so no file can be written there. Name another file.",
                ShownText.of(uri)));
      }
      makeFolders();
      Files.deleteIfExists(temporary);
      return new LocalOutput(
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    } catch (IOException e) {
      throw refused(e, expected);
    }
  }

  /** Makes the folders that are missing, each durable in the one above it. */
  private void makeFolders() throws IOException {
    Deque<Path> missing = new ArrayDeque<>();
    for (Path at = folder; at != null && isMissing(at); at = at.getParent()) {
      missing.push(at);
    }
    for (Path at : missing) {
      try {
        Files.createDirectory(at);
      } catch (FileAlreadyExistsException e) {
        continue; // Another bundle's writer was faster.
      }
      Path above = at.getParent();
      if (above != null) {
        sync(above);
      }
    }
  }

  /** Makes what a directory says durable. Where directories cannot be opened, they need no sync. */
  private static void sync(Path directory) throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(directory, StandardOpenOption.READ);
    } catch (AccessDeniedException e) {
      return; // May be written and not read, or a system that opens no directories.
    }
    try (channel) {
      channel.force(true);
    }
  }

  private StorageException refused(IOException fault, long bytes) {
    String shown = ShownText.of(uri);
    if (isFull(fault, bytes)) {
      return new StorageException(
          Kind.NO_SPACE,
          uri,
          String.format(
              Locale.ROOT,
              "%s cannot be written: no space is left for its %d bytes. Free some, or name another place.",
              shown,
              bytes),
          false,
          fault);
    }
    String reason =
        fault instanceof AccessDeniedException
            ? "this user may not write there"
            : LocalFaults.reason(fault);
    return new StorageException(
        Kind.NOT_WRITABLE,
        uri,
        String.format(
            Locale.ROOT,
            "%s cannot be written: %s. Grant write access to its folder, or name another place.",
            shown,
            reason),
        LocalFaults.mayBeWritten(fault),
        fault);
  }

  /** The system's message comes in the user's language, so the disk is asked too. */
  private boolean isFull(IOException fault, long bytes) {
    String reason = LocalFaults.reason(fault).toLowerCase(Locale.ROOT);
    if (reason.contains("no space left") || reason.contains("quota exceeded")) {
      return true;
    }
    try {
      return !(fault instanceof FileSystemException)
          && Files.getFileStore(folder).getUsableSpace() < bytes;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isDirectory(Path path) {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean isMissing(Path path) throws IOException {
    try {
      return !LocalAttributes.of(path).isDirectory();
    } catch (NoSuchFileException e) {
      return true;
    }
  }

  /** The file while it is written. */
  private final class LocalOutput extends AtomicOutput {
    private final FileChannel channel;
    private final OutputStream buffered;
    private long bytes;
    private boolean committed;

    LocalOutput(FileChannel channel) {
      this.channel = channel;
      this.buffered = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
    }

    @Override
    public void write(int b) throws IOException {
      bytes++;
      buffered.write(b);
    }

    /**
     * In pieces: for what it gets at once, the channel takes as much memory outside the heap, and
     * keeps it for this thread. A bundle can be hundreds of megabytes, and a task manager has
     * little such memory.
     */
    @Override
    public void write(byte[] content, int offset, int length) throws IOException {
      bytes += length;
      int written = 0;
      while (written < length) {
        int piece = Math.min(BUFFER_BYTES, length - written);
        buffered.write(content, offset + written, piece);
        written += piece;
      }
    }

    @Override
    public void flush() throws IOException {
      buffered.flush();
    }

    @Override
    public void commit() throws IOException {
      buffered.flush();
      channel.force(true);
      channel.close();
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      committed = true;
      sync(folder);
    }

    @Override
    public StorageException explain(IOException fault) {
      return refused(fault, bytes);
    }

    @Override
    public void close() throws IOException {
      if (!committed) {
        channel.close();
        Files.deleteIfExists(temporary);
      }
    }
  }
}
