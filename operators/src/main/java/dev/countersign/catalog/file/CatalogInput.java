package dev.countersign.catalog.file;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.countersign.storage.ModelReader;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.RangeInput;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import dev.countersign.storage.StoredObject;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The bytes of a catalog, front to back, through one buffer. One thread reads, any may close. */
final class CatalogInput implements Closeable {

  /** Where the bytes come from. */
  interface Bytes extends Closeable {

    /** Returns how many bytes were read, at least 1; -1 at the end. */
    int read(byte[] buffer, int offset, int length) throws StorageException;
  }

  private static final int BUFFER = 256 << 10;

  private final Bytes bytes;
  private final @Nullable MessageDigest digest;
  private final byte[] buffer;
  private int next;
  private int end;

  /**
   * An input.
   *
   * @param digest takes all that is read from {@code bytes}; null if nobody wants it
   */
  CatalogInput(Bytes bytes, @Nullable MessageDigest digest, int bufferBytes) {
    this.bytes = bytes;
    this.digest = digest;
    this.buffer = new byte[bufferBytes];
  }

  /**
   * Opens a version of a stored catalog.
   *
   * @param digest takes all that is read; null if nobody wants it
   */
  static CatalogInput open(StoredObject version, @Nullable MessageDigest digest)
      throws StorageException {
    ModelStorage storage = Storages.forUri(version.uri());
    ModelReader reader = storage.openModel(version.uri(), List.of());
    StoredFile file =
        new StoredFile(
            Storages.baseName(version.uri()),
            "",
            0,
            version.length(),
            version.version(),
            version.modifiedMillis());
    RangeInput range = reader.open(file, 0, version.length());
    return new CatalogInput(new OneVersion(storage, version, reader, range), digest, BUFFER);
  }

  /** Takes the next byte and returns it, from 0 to 255; -1 at the end. */
  @CanIgnoreReturnValue
  int next() throws StorageException {
    return has(1) ? buffer[next++] & 0xFF : -1;
  }

  /** Returns the byte that {@link #next} will return, without taking it. */
  int peek() throws StorageException {
    return has(1) ? buffer[next] & 0xFF : -1;
  }

  /** Returns the byte behind that of {@link #peek}, without taking either. */
  int peekSecond() throws StorageException {
    return has(2) ? buffer[next + 1] & 0xFF : -1;
  }

  /** Returns a view of what is left, whose faults have a {@link StorageException} as cause. */
  InputStream asStream() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
      }

      @Override
      public int read(byte[] target, int offset, int length) throws IOException {
        try {
          if (!has(1)) {
            return -1;
          }
        } catch (StorageException e) {
          throw new IOException(e);
        }
        int taken = Math.min(end - next, length);
        System.arraycopy(buffer, next, target, offset, taken);
        next += taken;
        return taken;
      }
    };
  }

  /** Takes the three bytes that mark a text as UTF-8, if they come next. */
  void skipMark() throws StorageException {
    if (has(3)
        && buffer[next] == (byte) 0xEF
        && buffer[next + 1] == (byte) 0xBB
        && buffer[next + 2] == (byte) 0xBF) {
      next += 3;
    }
  }

  /** Takes all that is left. */
  void drain() throws StorageException {
    while (has(1)) {
      next = end;
    }
  }

  @Override
  public void close() throws IOException {
    bytes.close();
  }

  /** Tells whether there are {@code count} more bytes, and has them in the buffer. */
  private boolean has(int count) throws StorageException {
    while (end - next < count) {
      System.arraycopy(buffer, next, buffer, 0, end - next);
      end -= next;
      next = 0;
      int read = bytes.read(buffer, end, buffer.length - end);
      if (read < 0) {
        return false;
      }
      if (digest != null) {
        digest.update(buffer, end, read);
      }
      end += read;
    }
    return true;
  }

  /**
   * The bytes of one version of a stored catalog. After each read the store is asked whether that
   * is still the version, so that no byte of another one is ever given.
   */
  private static final class OneVersion implements Bytes {

    private final ModelStorage storage;
    private final StoredObject version;
    private final ModelReader reader;
    private final RangeInput range;
    private boolean ended;

    OneVersion(ModelStorage storage, StoredObject version, ModelReader reader, RangeInput range) {
      this.storage = storage;
      this.version = version;
      this.reader = reader;
      this.range = range;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws StorageException {
      if (ended) {
        return -1;
      }
      int read = range.read(buffer, offset, length);
      if (read < 0) {
        range.finish();
        ended = true;
        return -1;
      }
      boolean same =
          storage
              .stat(version.uri())
              .filter(now -> now.version().equals(version.version()))
              .filter(now -> now.length() == version.length())
              .isPresent();
      if (!same) {
        throw new StorageException(
            StorageException.Kind.CHANGED, version.uri(), "It changed while it was read.");
      }
      return read;
    }

    @Override
    public void close() throws IOException {
      range.close();
      reader.close();
    }
  }
}
