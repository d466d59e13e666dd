package dev.countersign.storage.objects;

import dev.countersign.storage.ModelReader;
import dev.countersign.storage.PlannedRange;
import dev.countersign.storage.RangeInput;
import dev.countersign.storage.RangeSource;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import dev.countersign.text.Printable;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Opens the files of one model. Each request is for the version that was planned, which the store
 * itself compares, so no byte of another one is ever read and nothing need be asked before or
 * after.
 */
final class ObjectModelReader implements ModelReader {

  /** The most bytes that one request of a sequential read asks for. */
  private static final int MAX_REQUEST_BYTES = 8 << 20;

  private final ObjectClient client;
  private final String modelUri;

  ObjectModelReader(ObjectClient client, String modelUri) {
    this.client = client;
    this.modelUri = modelUri;
  }

  @Override
  public RangeInput open(StoredFile file, long start, long end) {
    file.requireRange(start, end);
    Parts parts = new Parts(file);
    return new PlannedRange(parts.uri, file, start, end, false) {
      @Override
      protected int readAt(long position, byte[] buffer, int offset, int length)
          throws StorageException {
        int part = Math.min(length, MAX_REQUEST_BYTES);
        parts.read(position, buffer, offset, part);
        return part;
      }

      @Override
      protected void requirePlanned() {}

      @Override
      public void close() {
        parts.close();
      }
    };
  }

  @Override
  public Optional<RangeSource> openParts(StoredFile file, long start, long end) {
    file.requireRange(start, end);
    return Optional.of(new Parts(file));
  }

  @Override
  public void close() {}

  /** Parts of a file. Closing interrupts the threads that read, as a request cannot be ended. */
  private final class Parts implements RangeSource {
    private final String uri;
    private final StoredKey planned;

    // Guarded by this.
    private final Set<Thread> reading = new HashSet<>();
    private boolean closed;

    Parts(StoredFile file) {
      this.uri = file.path().isEmpty() ? modelUri : Storages.child(modelUri, file.path());
      this.planned = StoredKey.planned(ObjectStorage.key(uri), file.length(), file.version());
    }

    @Override
    public void read(long position, byte[] buffer, int offset, int length) throws StorageException {
      begin();
      StorageException fault = null;
      boolean aborted;
      try {
        client.get(planned, position, buffer, offset, length);
      } catch (StorageException e) {
        fault = e;
      } finally {
        aborted = end();
      }
      if (aborted) {
        throw aborted(fault);
      }
      if (fault != null) {
        throw fault;
      }
    }

    private synchronized void begin() throws StorageException {
      if (closed) {
        throw aborted(null);
      }
      reading.add(Thread.currentThread());
    }

    /** Ends a read, and returns whether it was aborted; swallows the interrupt that did that. */
    private synchronized boolean end() {
      reading.remove(Thread.currentThread());
      if (closed) {
        boolean unused = Thread.interrupted();
      }
      return closed;
    }

    private StorageException aborted(@Nullable StorageException cause) {
      return StorageException.of(
          StorageException.Kind.UNREADABLE,
          uri,
          cause,
          "%s cannot be read: the read was aborted. Run again.",
          Printable.of(uri));
    }

    @Override
    public void finish() {}

    @Override
    public synchronized void close() {
      if (!closed) {
        closed = true;
        reading.forEach(Thread::interrupt);
      }
    }
  }
}
