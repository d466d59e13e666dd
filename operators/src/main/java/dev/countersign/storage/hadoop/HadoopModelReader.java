package dev.countersign.storage.hadoop;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.countersign.storage.ModelReader;
import dev.countersign.storage.RangeInput;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import dev.countersign.text.Message;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options.OpenFileOptions;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.client.HdfsDataInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Opens the files of one model.
 *
 * <p>The status that was compared with the plan is handed to {@code openFile}: stores that know
 * versions then open that very one, and spare a request of their own. HDFS ignores it, so the
 * status is compared once more after the last byte.
 */
final class HadoopModelReader implements ModelReader {

  private final FileSystem store;
  private final String modelUri;

  HadoopModelReader(FileSystem store, String modelUri) {
    this.store = store;
    this.modelUri = modelUri;
  }

  @Override
  public RangeInput open(StoredFile file, long start, long end) throws StorageException {
    file.requireRange(start, end);
    String uri = file.path().isEmpty() ? modelUri : Storages.child(modelUri, file.path());
    Path path = HadoopPaths.of(uri);
    FileStatus status = requirePlanned(path, file, uri);
    boolean whole = start == 0 && end == file.length();
    try {
      FSDataInputStream stream = openStream(path, status, whole);
      try {
        requirePlannedLength(stream, file, uri);
      } catch (IOException | StorageException e) {
        stream.close();
        throw e;
      }
      return new Range(stream, start, end, whole, uri, () -> requirePlanned(path, file, uri));
    } catch (IOException e) {
      throw HadoopFaults.readingPlanned(uri, e);
    }
  }

  @Override
  public void close() {}

  /**
   * Requires that readers of the stream see as many bytes as were listed. Of a file that is being
   * written, the name node tells the length before what was written last.
   */
  private static void requirePlannedLength(FSDataInputStream stream, StoredFile file, String uri)
      throws StorageException, IOException {
    if (stream instanceof HdfsDataInputStream hdfs && hdfs.getVisibleLength() != file.length()) {
      throw StorageException.changed(
          uri,
          "had %d bytes when the model was listed, and its readers see %d",
          file.length(),
          hdfs.getVisibleLength());
    }
  }

  private FSDataInputStream openStream(Path path, FileStatus status, boolean whole)
      throws IOException {
    try {
      return store
          .openFile(path)
          .withFileStatus(status)
          .opt(
              OpenFileOptions.FS_OPTION_OPENFILE_READ_POLICY,
              whole
                  ? OpenFileOptions.FS_OPTION_OPENFILE_READ_POLICY_WHOLE_FILE
                  : OpenFileOptions.FS_OPTION_OPENFILE_READ_POLICY_RANDOM)
          .build()
          .get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while opening", e);
    } catch (ExecutionException | CompletionException e) {
      if (e.getCause() instanceof IOException fault) {
        throw fault;
      }
      throw new IOException(String.valueOf(e.getMessage()), e);
    }
  }

  @CanIgnoreReturnValue
  private FileStatus requirePlanned(Path path, StoredFile file, String uri)
      throws StorageException {
    try {
      FileStatus found = store.getFileStatus(path);
      file.requireUnchanged(uri, found.isFile(), found.getLen(), HadoopListing.version(found));
      return found;
    } catch (IOException e) {
      throw HadoopFaults.readingPlanned(uri, e);
    }
  }

  /**
   * A range of a file: the whole of it as one stream, a part by positioned reads, which on object
   * stores are requests for just these bytes.
   *
   * <p>HDFS's stream lets nobody close it while someone reads. So closing interrupts the thread
   * that reads, which closes the stream itself on its way out.
   */
  static final class Range implements RangeInput {

    /** Requires that the file is still the one that was planned. */
    interface PlanCheck {
      void run() throws StorageException;
    }

    private final FSDataInputStream stream;
    private final long end;
    private final boolean sequential;
    private final String uri;
    private final PlanCheck check;
    private long position;

    // Guarded by this.
    private @Nullable Thread reading;
    private boolean closed;

    Range(
        FSDataInputStream stream,
        long start,
        long end,
        boolean sequential,
        String uri,
        PlanCheck check) {
      this.stream = stream;
      this.position = start;
      this.end = end;
      this.sequential = sequential;
      this.uri = uri;
      this.check = check;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws StorageException {
      if (position == end) {
        return -1;
      }
      int read = readAny(buffer, offset, (int) Math.min(length, end - position));
      if (read < 0) {
        throw StorageException.changed(
            uri, "ends at %d, %d bytes before it should have", position, end - position);
      }
      position += read;
      return read;
    }

    @Override
    public void finish() throws StorageException {
      if (position != end) {
        throw new IllegalStateException(
            Message.of("%d bytes of the range are not read yet", end - position));
      }
      if (sequential && readAny(new byte[1], 0, 1) >= 0) {
        throw StorageException.changed(
            uri, "is longer than the %d bytes it had when the model was listed", end);
      }
      check.run();
    }

    @Override
    public void close() throws IOException {
      synchronized (this) {
        if (closed) {
          return;
        }
        closed = true;
        if (reading != null) {
          reading.interrupt();
          return;
        }
      }
      stream.close();
    }

    private int readAny(byte[] buffer, int offset, int length) throws StorageException {
      try {
        begin();
        try {
          return readStream(buffer, offset, length);
        } finally {
          leave();
        }
      } catch (IOException e) {
        throw HadoopFaults.readingPlanned(uri, e);
      }
    }

    private int readStream(byte[] buffer, int offset, int length) throws IOException {
      if (sequential) {
        return stream.read(buffer, offset, length);
      }
      try {
        stream.readFully(position, buffer, offset, length);
        return length;
      } catch (EOFException e) {
        return -1;
      }
    }

    private synchronized void begin() throws IOException {
      if (closed) {
        throw new ClosedChannelException();
      }
      reading = Thread.currentThread();
    }

    /** Ends a read; if it was aborted, swallows the interrupt that was for it alone. */
    private void leave() throws IOException {
      synchronized (this) {
        reading = null;
        if (!closed) {
          return;
        }
      }
      Thread.interrupted();
      stream.close();
      throw new InterruptedIOException("the read was aborted");
    }
  }
}
