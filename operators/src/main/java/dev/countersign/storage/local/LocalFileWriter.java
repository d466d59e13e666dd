package dev.countersign.storage.local;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.storage.AtomicOutput;
import dev.countersign.storage.PinnedFolder;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StorageException.Kind;
import dev.countersign.storage.Storages;
import dev.countersign.storage.SweptFolders;
import dev.countersign.storage.TemporaryNames;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import java.util.Optional;

/**
 * Writes a file whole: under a temporary name in its folder, to the disk, then under its own name.
 */
final class LocalFileWriter {

  private static final int BUFFER_BYTES = 1 << 16;

  private final String uri;
  private final Path folder;
  private final Path name;

  LocalFileWriter(String uri) throws StorageException {
    this.uri = uri;
    if (uri.equals("/")) {
      throw new StorageException(Kind.NOT_WRITABLE, uri, "/ is a directory. Name a file in it.");
    }
    this.folder = LocalPaths.of(Storages.parent(uri));
    this.name = LocalPaths.of(uri).getFileName();
  }

  /** Returns the folder that the file goes to, or the one above it that exists. */
  PinnedFolder pin() throws StorageException {
    try {
      return OutputFolder.pin(uri);
    } catch (IOException e) {
      throw refused(e, 0);
    }
  }

  /** Returns the folder that the file goes to, which must hold the model that was listed. */
  PinnedFolder pinBeside(String modelUri, String identity) throws StorageException {
    try {
      return OutputFolder.pinBeside(uri, modelUri, identity);
    } catch (IOException e) {
      throw refused(e, 0);
    }
  }

  /** Returns the folder that the file goes to, to which no link below another one leads. */
  PinnedFolder pinBelow(String folderUri) throws StorageException {
    try {
      return OutputFolder.pinBelow(uri, folderUri);
    } catch (OutputFolder.ReplacedFolderException e) {
      throw new StorageException(
          Kind.NOT_WRITABLE,
          uri,
          Message.of(
              "%s cannot be written: a link below %s leads there.",
              Printable.of(uri), Printable.of(folderUri)),
          Remedy.of(
              "Replace the link by the folder itself, or name that folder with %s.",
              Setting.SIGNATURE),
          false,
          e);
    } catch (IOException e) {
      throw refused(e, 0);
    }
  }

  /** Removes what writers in the file's folder left that ended before the file was complete. */
  @SuppressWarnings("EmptyCatch") // Writing says what is wrong with the folder.
  void sweep(PinnedFolder pinned) throws StorageException {
    if (!SweptFolders.isDue(Storages.parent(uri))) {
      return;
    }
    try (OutputFolder folder = OutputFolder.openExisting(uri, pinned)) {
      folder.sweep();
    } catch (IOException e) {
      // Nobody has written there yet, or the next run sweeps.
    }
  }

  /** Deletes the file if it is there. */
  @SuppressWarnings("EmptyCatch") // Without its folder the file is not there either.
  void delete(PinnedFolder pinned) throws StorageException {
    try (OutputFolder folder = OutputFolder.openExisting(uri, pinned)) {
      folder.delete(name);
    } catch (NoSuchFileException e) {
      // Nothing to delete.
    } catch (IOException e) {
      throw refused(e, 0);
    }
  }

  void write(byte[] content, PinnedFolder pinned) throws StorageException {
    open(content.length, pinned).writeAll(content);
  }

  /**
   * Begins a file, whose bytes are stored under a temporary name until it is committed.
   *
   * @param expected how many bytes it will have at least, for messages
   */
  @SuppressWarnings("MustBeClosed") // The output closes the folder.
  AtomicOutput open(long expected, PinnedFolder pinned) throws StorageException {
    try {
      OutputFolder folder = OutputFolder.open(uri, pinned);
      try {
        return open(folder);
      } catch (IOException | StorageException e) {
        folder.close();
        throw e;
      }
    } catch (IOException e) {
      throw refused(e, expected);
    }
  }

  private AtomicOutput open(OutputFolder folder) throws IOException, StorageException {
    Optional<BasicFileAttributes> found = folder.find(name);
    if (found.filter(BasicFileAttributes::isOther).isPresent()) {
      throw LocalFaults.special(uri);
    }
    if (found.filter(BasicFileAttributes::isDirectory).isPresent()) {
      throw StorageException.directory(uri);
    }
    if (SweptFolders.isDue(Storages.parent(uri))) {
      folder.sweep();
    }
    Path temporary = Path.of(TemporaryNames.next());
    return new LocalOutput(folder, temporary, folder.create(temporary));
  }

  private StorageException refused(IOException fault, long bytes) {
    if (fault instanceof OutputFolder.ReplacedFolderException) {
      return StorageException.replacedFolder(Storages.parent(uri));
    }
    String shown = Printable.of(uri);
    if (isFull(fault, bytes)) {
      return StorageException.of(
          Kind.NO_SPACE,
          uri,
          fault,
          "%s cannot be written: no space is left for its %d bytes. Free some, or name another"
              + " place.",
          shown,
          bytes);
    }
    String reason = fault instanceof AccessDeniedException ? denied() : LocalFaults.reason(fault);
    return new StorageException(
        Kind.NOT_WRITABLE,
        uri,
        Message.of(
            "%s cannot be written: %s. Grant read and write access to its folder, or name another"
                + " place.",
            shown, reason),
        LocalFaults.mayBeWritten(fault),
        fault);
  }

  private String denied() {
    return Files.isDirectory(folder) && !Files.isReadable(folder)
        ? "this user may not read its folder, which is held open meanwhile"
        : "this user may not write there";
  }

  /** The system's message comes in the user's language, so the disk is asked too. */
  private boolean isFull(IOException fault, long bytes) {
    String reason = LocalFaults.reason(fault).toLowerCase(Locale.ROOT);
    if (reason.contains("no space left") || reason.contains("quota exceeded")) {
      return true;
    }
    try {
      return !(fault instanceof FileSystemException)
          && Files.getFileStore(LocalPaths.of(Storages.parent(uri))).getUsableSpace() < bytes;
    } catch (IOException | StorageException e) {
      return false;
    }
  }

  /** The file while it is written. */
  private final class LocalOutput extends AtomicOutput {
    private final OutputFolder folder;
    private final Path temporary;
    private final FileChannel channel;
    private final OutputStream buffered;
    private long bytes;
    private boolean committed;

    LocalOutput(OutputFolder folder, Path temporary, FileChannel channel) {
      this.folder = folder;
      this.temporary = temporary;
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
    public void complete() throws IOException {
      if (channel.isOpen()) {
        buffered.flush();
        channel.force(true);
        channel.close();
      }
    }

    @Override
    public void commit() throws IOException {
      complete();
      folder.rename(temporary, name);
      committed = true;
      folder.sync();
    }

    @Override
    public StorageException explain(IOException fault) {
      return refused(fault, bytes);
    }

    @Override
    public void close() throws IOException {
      try (folder) {
        if (!committed) {
          channel.close();
          folder.delete(temporary);
        }
      }
    }
  }
}
