package dev.countersign.storage.hadoop;

import dev.countersign.storage.AtomicOutput;
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
    try (AtomicOutput output = open()) {
      try {
        output.write(content);
        output.commit();
      } catch (IOException e) {
        throw output.explain(e);
      }
    } catch (IOException e) {
      throw HadoopFaults.writing(uri, e); // What is left of it could not be removed.
    }
  }

  /** Begins a file, and makes missing folders too, as all of Hadoop's stores do. */
  AtomicOutput open() throws StorageException {
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
      return new HadoopOutput(store.create(temporary, true));
    } catch (IOException e) {
      throw HadoopFaults.writing(uri, e);
    }
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

  /**
   * The file while it is written. Its stream is not closed by try-with-resources: once a write has
   * failed, HDFS's stream throws the very same exception from {@code close}, which Java refuses to
   * suppress in itself.
   */
  private final class HadoopOutput extends AtomicOutput {
    private final FSDataOutputStream output;
    private boolean committed;

    HadoopOutput(FSDataOutputStream output) {
      this.output = output;
    }

    @Override
    public void write(int b) throws IOException {
      output.write(b);
    }

    @Override
    public void write(byte[] content, int offset, int length) throws IOException {
      output.write(content, offset, length);
    }

    @Override
    public void flush() throws IOException {
      output.flush();
    }

    @Override
    public void commit() throws IOException {
      if (output.hasCapability(StreamCapabilities.HSYNC)) {
        output.hsync();
      }
      output.close();
      new ReplacingFileSystem(store).replace(temporary, target);
      committed = true;
    }

    @Override
    public StorageException explain(IOException fault) {
      return HadoopFaults.writing(uri, fault);
    }

    @Override
    public void close() throws IOException {
      if (!committed) {
        IOUtils.closeStream(output);
        store.delete(temporary, false);
      }
    }
  }
}
