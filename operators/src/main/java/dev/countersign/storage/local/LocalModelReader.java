package dev.countersign.storage.local;

import dev.countersign.storage.ModelReader;
import dev.countersign.storage.PlannedRange;
import dev.countersign.storage.RangeInput;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import dev.countersign.storage.local.RootDirectory.OpenedFile;
import dev.countersign.text.Message;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Opens the files of one model, below roots whose own links are resolved once.
 *
 * <p>A file's version holds its change time, which Java reads by a path only. This is done once,
 * after the last byte: the change time cannot be set back, so a file that has it then had it
 * before. That the path leads to the file that was read is told by the file key, which is taken
 * before the file is opened, relative to the directory that is held. Windows has neither change
 * time nor file key, and the JDK cannot hold directories there, so a file that is changed or
 * replaced and gets its size and modification time back is not noticed.
 */
final class LocalModelReader implements ModelReader {

  /** The model first, then the symlink roots. */
  private final List<String> rootUris;

  private final Map<Integer, RootDirectory> roots = new HashMap<>();

  LocalModelReader(String modelUri, List<String> symlinkRoots) {
    rootUris = Stream.concat(Stream.of(modelUri), symlinkRoots.stream()).toList();
  }

  @Override
  public RangeInput open(StoredFile file, long start, long end) throws StorageException {
    file.requireRange(start, end);
    String uri = uri(file);
    try {
      Path path;
      OpenedFile opened;
      if (file.path().isEmpty()) {
        path = LocalPaths.of(rootUris.get(file.root())).toRealPath();
        opened = openAlone(path, found -> requireLike(found, file, uri));
      } else {
        RootDirectory directory = root(file.root());
        path = LocalPaths.below(directory.path(), file.path());
        opened = directory.openFile(path, found -> requireLike(found, file, uri));
      }
      return new Range(opened, path, file, uri, start, end);
    } catch (IOException e) {
      throw fault(uri, e);
    }
  }

  /** Opens a file whose directory is not needed any more. */
  private static OpenedFile openAlone(Path path, RootDirectory.Requirement requirement)
      throws IOException, StorageException {
    Path parent = Objects.requireNonNull(path.getParent(), "a file is not the root");
    OpenedFile opened = null;
    try (RootDirectory directory = new RootDirectory(parent)) {
      opened = directory.openFile(path, requirement);
      return opened;
    } catch (IOException e) {
      if (opened != null) {
        opened.channel().close();
      }
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    for (RootDirectory root : roots.values()) {
      root.close();
    }
    roots.clear();
  }

  /** Requires that a file has the length and time that were planned, so that no other is read. */
  private static void requireLike(BasicFileAttributes found, StoredFile file, String uri)
      throws StorageException {
    file.requireUnchanged(
        uri,
        found.isRegularFile(),
        found.size(),
        LocalAttributes.isLike(found, file.version()) ? file.version() : "");
  }

  private RootDirectory root(int index) throws StorageException, IOException {
    RootDirectory root = roots.get(index);
    if (root == null) {
      root = new RootDirectory(LocalPaths.of(rootUris.get(index)).toRealPath());
      roots.put(index, root);
    }
    return root;
  }

  private String uri(StoredFile file) {
    if (file.root() >= rootUris.size()) {
      throw new IllegalArgumentException(Message.of("No symlink root %d", file.root()));
    }
    return file.path().isEmpty()
        ? rootUris.get(file.root())
        : Storages.child(rootUris.get(0), file.name());
  }

  /** A file that was listed and cannot be found as it was has changed, whatever the system says. */
  private static StorageException fault(String uri, IOException e) {
    if (e instanceof NoSuchFileException || LocalFaults.isNoDirectory(e)) {
      return StorageException.changed(uri, "was deleted or moved since the model was listed");
    }
    if (e instanceof RootDirectory.ReplacedException) {
      return StorageException.changed(uri, "was replaced since the model was listed");
    }
    // A link in the way: the system's own word for it is ELOOP, which has no exception type. The
    // JDK says one or the other, by the call that met it.
    String message = String.valueOf(e.getMessage());
    if (message.contains("NOFOLLOW_LINKS") || message.contains("attributes of symbolic link")) {
      return StorageException.changed(uri, "or a folder above it was replaced by a link");
    }
    return LocalFaults.reading(uri, e);
  }

  /** A range of a local file, read front to back. */
  static final class Range extends PlannedRange {

    /**
     * The most bytes of one system call. The JDK copies through a native buffer of this size, which
     * each thread keeps for its life: large enough that calls do not count, small enough for a
     * cache.
     */
    private static final int CHUNK = 256 * 1024;

    private final SeekableByteChannel channel;
    private final @Nullable Object fileKey;
    private final Path path;
    private final StoredFile file;
    private final String uri;
    private volatile boolean reading;

    Range(OpenedFile opened, Path path, StoredFile file, String uri, long start, long end)
        throws IOException {
      super(uri, file, start, end, end == file.length());
      this.channel = opened.channel();
      this.fileKey = opened.fileKey();
      this.path = path;
      this.file = file;
      this.uri = uri;
      if (start > 0) {
        try {
          channel.position(start);
        } catch (IOException e) {
          channel.close();
          throw e;
        }
      }
    }

    @Override
    protected int readAt(long position, byte[] buffer, int offset, int length)
        throws StorageException {
      reading = true;
      try {
        return channel.read(ByteBuffer.wrap(buffer, offset, Math.min(length, CHUNK)));
      } catch (IOException e) {
        throw LocalFaults.reading(uri, e);
      } finally {
        reading = false;
      }
    }

    @Override
    protected void requirePlanned() throws StorageException {
      try {
        LocalAttributes found = LocalAttributes.of(path, LinkOption.NOFOLLOW_LINKS);
        file.requireUnchanged(uri, found.isFile(), found.length(), found.version());
        if (!Objects.equals(found.fileKey(), fileKey)) {
          throw new RootDirectory.ReplacedException();
        }
      } catch (IOException e) {
        throw fault(uri, e);
      }
    }

    /**
     * Closing a channel in which a thread reads waits for that thread, and a read from a mount that
     * is gone may never return. So a thread of its own does that.
     */
    @Override
    public void close() throws IOException {
      if (reading) {
        Thread closer = new Thread(this::closeQuietly, "countersign-abort-read");
        closer.setDaemon(true);
        closer.start();
      } else {
        channel.close();
      }
    }

    @SuppressWarnings("EmptyCatch") // The read that is aborted fails by itself, and says why.
    private void closeQuietly() {
      try {
        channel.close();
      } catch (IOException e) {
        // Nobody is left to be told.
      }
    }
  }
}
