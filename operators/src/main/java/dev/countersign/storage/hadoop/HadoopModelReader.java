package dev.countersign.storage.hadoop;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.countersign.storage.ModelReader;
import dev.countersign.storage.RangeInput;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options.OpenFileOptions;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.client.HdfsDataInputStream;

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
    if (start < 0 || start > end || end > file.length()) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "No range of %d bytes: %d to %d", file.length(), start, end));
    }
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
      return new HadoopRangeInput(
          stream, start, end, whole, uri, () -> requirePlanned(path, file, uri));
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
      throw HadoopFaults.changed(
          uri,
          String.format(
              Locale.ROOT,
              "had %d bytes when the model was listed, and its readers see %d",
              file.length(),
              hdfs.getVisibleLength()));
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
      if (!found.isFile()) {
        throw HadoopFaults.changed(uri, "is no regular file any more");
      }
      if (found.getLen() != file.length()) {
        throw HadoopFaults.changed(
            uri,
            String.format(
                Locale.ROOT,
                "had %d bytes when the model was listed and now has %d",
                file.length(),
                found.getLen()));
      }
      if (!HadoopVersions.of(found).equals(file.version())) {
        throw HadoopFaults.changed(uri, "was written to or replaced since the model was listed");
      }
      return found;
    } catch (IOException e) {
      throw HadoopFaults.readingPlanned(uri, e);
    }
  }
}
