package dev.countersign.storage.hadoop;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.countersign.storage.ModelReader;
import dev.countersign.storage.PlannedRange;
import dev.countersign.storage.RangeInput;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FutureDataInputStreamBuilder;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Options.OpenFileOptions;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.client.HdfsDataInputStream;
import org.apache.hadoop.hdfs.protocol.ExtendedBlock;
import org.apache.hadoop.hdfs.protocol.HdfsLocatedFileStatus;
import org.apache.hadoop.hdfs.protocol.LocatedBlock;
import org.jspecify.annotations.Nullable;

/**
 * Opens the files of one model so that what is read is of the planned version, as far as the store
 * can tell.
 *
 * <p>The status is compared with the plan, and handed to {@code openFile}: stores that know
 * versions then open that very one, and spare a request of their own. The status is compared once
 * more after the last byte. Other stores open whatever is there, so the first comparison is left
 * out for small files: it detects earlier, not more. Of a file of up to 1 GiB in HDFS, or of a part
 * of one, the blocks that were read must be those of the planned file after the last byte.
 */
final class HadoopModelReader implements ModelReader {

  /** Above this, a file may have so many blocks that asking for all of them costs more. */
  private static final long MAX_BYTES_BY_BLOCKS = 1L << 30;

  /** Up to this length, it costs less to read a file that has changed than to ask before each. */
  private static final long MAX_BYTES_UNASKED = 64L << 20;

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
    boolean whole = start == 0 && end == file.length();
    boolean byBlocks =
        file.length() <= MAX_BYTES_BY_BLOCKS && store instanceof DistributedFileSystem;
    try {
      boolean unasked =
          byBlocks
              || (file.length() <= MAX_BYTES_UNASKED && !HadoopListing.hasEtag(file.version()));
      FSDataInputStream stream = open(path, file, uri, whole, unasked);
      try {
        requirePlannedLength(stream, path, file, uri);
      } catch (IOException | StorageException e) {
        stream.close();
        throw e;
      }
      return new Range(
          stream,
          uri,
          file,
          start,
          end,
          () -> {
            if (byBlocks) {
              requirePlannedBlocks(stream, whole, path, file, uri);
            } else {
              requirePlanned(path, file, uri);
            }
          });
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
  private void requirePlannedLength(
      FSDataInputStream stream, Path path, StoredFile file, String uri)
      throws StorageException, IOException {
    if (stream instanceof HdfsDataInputStream hdfs && hdfs.getVisibleLength() != file.length()) {
      requirePlanned(path, file, uri);
      throw StorageException.changed(
          uri,
          "had %d bytes when the model was listed, and its readers see %d",
          file.length(),
          hdfs.getVisibleLength());
    }
  }

  /**
   * Opens a file.
   *
   * @param whole whether all of it is read
   * @param unasked whether to open whatever is there now; if nothing is, its status says why
   */
  private FSDataInputStream open(
      Path path, StoredFile file, String uri, boolean whole, boolean unasked)
      throws StorageException, IOException {
    FileStatus status = unasked ? null : requirePlanned(path, file, uri);
    String policy =
        whole
            ? OpenFileOptions.FS_OPTION_OPENFILE_READ_POLICY_WHOLE_FILE
            : OpenFileOptions.FS_OPTION_OPENFILE_READ_POLICY_RANDOM;
    try {
      return open(store, path, status, policy);
    } catch (IOException e) {
      if (unasked) {
        requirePlanned(path, file, uri);
      }
      throw e;
    }
  }

  /**
   * Opens a file.
   *
   * @param status spares stores that can use it a request; null if it is not known
   * @param policy how the file is read
   */
  static FSDataInputStream open(
      FileSystem store, Path path, @Nullable FileStatus status, String policy) throws IOException {
    FutureDataInputStreamBuilder opening = store.openFile(path);
    if (status != null) {
      opening = opening.withFileStatus(status);
    }
    try {
      return opening.opt(OpenFileOptions.FS_OPTION_OPENFILE_READ_POLICY, policy).build().get();
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
   * Requires that the blocks of the stream are those of the planned file: of a file that was read
   * to its end the block that was read last, which takes no call; of a part all of them, whose
   * places the stream knows since it was opened. No two files have a block in common, and one
   * listing gives a file's version together with its blocks.
   */
  private void requirePlannedBlocks(
      FSDataInputStream stream, boolean whole, Path path, StoredFile file, String uri)
      throws StorageException {
    try {
      RemoteIterator<LocatedFileStatus> listed = store.listLocatedStatus(path);
      if (listed.hasNext()
          && listed.next() instanceof HdfsLocatedFileStatus found
          && HadoopListing.isAt(path, found)) {
        file.requireUnchanged(uri, found.isFile(), found.getLen(), HadoopListing.version(found));
        List<LocatedBlock> blocks = found.getLocatedBlocks().getLocatedBlocks();
        if (blocks.isEmpty()
            || (stream instanceof HdfsDataInputStream hdfs
                && (whole
                    ? blocks.get(blocks.size() - 1).getBlock().equals(hdfs.getCurrentBlock())
                    : ids(blocks).equals(ids(hdfs.getAllBlocks()))))) {
          return;
        }
      }
      requirePlanned(path, file, uri);
      throw StorageException.changed(uri, "was replaced for a while since the model was listed");
    } catch (IOException e) {
      throw HadoopFaults.readingPlanned(uri, e);
    }
  }

  private static List<ExtendedBlock> ids(List<LocatedBlock> blocks) {
    return blocks.stream().map(LocatedBlock::getBlock).toList();
  }

  /**
   * A range of a file: the whole of it as one stream, a part by positioned reads, which on object
   * stores are requests for just these bytes.
   *
   * <p>HDFS's stream lets nobody close it while someone reads. So closing interrupts the thread
   * that reads, which closes the stream itself on its way out.
   */
  static final class Range extends PlannedRange {

    /** Requires that the file is still the one that was planned. */
    interface PlanCheck {
      void run() throws StorageException;
    }

    private final FSDataInputStream stream;
    private final boolean sequential;
    private final String uri;
    private final PlanCheck check;

    // Guarded by this.
    private @Nullable Thread reading;
    private boolean closed;

    Range(
        FSDataInputStream stream,
        String uri,
        StoredFile file,
        long start,
        long end,
        PlanCheck check) {
      super(uri, file, start, end, start == 0 && end == file.length());
      this.stream = stream;
      this.sequential = start == 0 && end == file.length();
      this.uri = uri;
      this.check = check;
    }

    @Override
    protected void requirePlanned() throws StorageException {
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

    @Override
    protected int readAt(long position, byte[] buffer, int offset, int length)
        throws StorageException {
      try {
        begin();
        try {
          return readStream(position, buffer, offset, length);
        } finally {
          leave();
        }
      } catch (IOException e) {
        throw HadoopFaults.readingPlanned(uri, e);
      }
    }

    private int readStream(long position, byte[] buffer, int offset, int length)
        throws IOException {
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
