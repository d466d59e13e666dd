package dev.countersign.storage.hadoop;

import dev.countersign.storage.ShownText;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Locale;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.io.IOUtils;

/** Writes a file whole: beside its place first, then under its name by a rename that replaces. */
final class HadoopFileWriter {

  private final FileSystem store;
  private final String uri;
  private final Path target;
  private final Path temporary;

  HadoopFileWriter(FileSystem store, String uri) throws StorageException {
    this.store = store;
    this.uri = uri;
    this.target = HadoopPaths.of(uri);
    this.temporary = HadoopPaths.of(Storages.temporary(uri));
  }

  /** Removes what a run that crashed may have left. */
  void removeTemporary() throws StorageException {
    try {
      store.delete(temporary, false);
    } catch (IOException e) {
      throw HadoopFaults.writing(uri, e);
    }
  }

  void write(byte[] content) throws StorageException {
    try {
      if (isDirectory()) {
        throw new StorageException(
            StorageException.Kind.NOT_WRITABLE,
            uri,
            String.format(
                Locale.ROOT,
                "%s is a directory, so no file can be written there. Name another file.",
                ShownText.of(uri)));
      }
      writeTemporary(content);
      new ReplacingFileSystem(store).replace(temporary, target);
    } catch (IOException e) {
      StorageException refused = HadoopFaults.writing(uri, e);
      try {
        store.delete(temporary, false);
      } catch (IOException again) {
        refused.addSuppressed(again);
      }
      throw refused;
    }
  }

  /**
   * Makes missing folders too, as all of Hadoop's stores do. No try-with-resources: once a write
   * has failed, HDFS's stream throws the very same exception from {@code close}, which Java refuses
   * to suppress in itself.
   */
  private void writeTemporary(byte[] content) throws IOException {
    FSDataOutputStream output = store.create(temporary, true);
    boolean written = false;
    try {
      output.write(content);
      if (output.hasCapability(StreamCapabilities.HSYNC)) {
        output.hsync();
      }
      written = true;
    } finally {
      if (!written) {
        IOUtils.closeStream(output);
      }
    }
    output.close();
  }

  private boolean isDirectory() throws IOException {
    try {
      return store.getFileStatus(target).isDirectory();
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  /** Opens the way to the one rename that replaces atomically, which Hadoop hides from callers. */
  private static final class ReplacingFileSystem extends FilterFileSystem {

    ReplacingFileSystem(FileSystem store) {
      super(store);
    }

    void replace(Path from, Path to) throws IOException {
      rename(from, to, Rename.OVERWRITE);
    }
  }
}
