package dev.countersign.storage.hadoop;

import dev.countersign.storage.AtomicOutput;
import dev.countersign.storage.PinnedFolder;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredObject;
import dev.countersign.storage.SweptFolders;
import dev.countersign.storage.TemporaryNames;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.io.IOUtils;

/** Writes a file whole: beside its place first, then under its name by a rename that replaces. */
final class HadoopFileWriter {

  private final FileSystem store;
  private final String uri;
  private final Path target;
  private final Path folder;

  HadoopFileWriter(FileSystem store, String uri) throws StorageException {
    this.store = store;
    this.uri = uri;
    this.target = HadoopPaths.of(uri);
    this.folder = HadoopPaths.of(Storages.parent(uri));
  }

  /**
   * Returns the folder that the file goes to, where the store knows it by more than its path. A
   * folder that is made by the writer cannot have been replaced before.
   */
  PinnedFolder pin() throws StorageException {
    try {
      return new PinnedFolder(
          Storages.parent(uri), HadoopListing.identifies(store) ? identity(folder) : "");
    } catch (IOException e) {
      throw HadoopFaults.writing(uri, e);
    }
  }

  /** Returns the identity of a folder; empty if it is missing, or if its store has none. */
  private String identity(Path path) throws IOException {
    try {
      return HadoopListing.identity(store.getFileStatus(path));
    } catch (FileNotFoundException e) {
      return "";
    }
  }

  /**
   * Removes what writers in the file's folder left that ended before the file was complete. Only
   * age tells: the process that wrote it may run on any host.
   */
  void sweep() {
    boolean unused = sweep(List.of(), new HashMap<>());
  }

  /**
   * As {@link #sweep()}.
   *
   * @param wanted URIs in the same folder
   * @param found gets what is stored there
   * @return whether the folder was listed, so that all that is there was found
   */
  boolean sweep(List<String> wanted, Map<String, StoredObject> found) {
    String parent = Storages.parent(uri);
    if (!SweptFolders.isDue(parent)) {
      return false;
    }
    try {
      RemoteIterator<FileStatus> entries = store.listStatusIterator(folder);
      while (entries.hasNext()) {
        FileStatus entry = entries.next();
        String name = HadoopPaths.nameIn(folder, entry.getPath());
        String at = Storages.child(parent, name);
        if (wanted.contains(at)) {
          found.put(at, HadoopListing.object(at, entry));
        } else if (entry.isFile()
            && TemporaryNames.isTemporary(name)
            && TemporaryNames.isStale(entry.getModificationTime())) {
          boolean unused = store.delete(entry.getPath(), false);
        }
      }
      return true;
    } catch (FileNotFoundException e) {
      return true; // Nobody has written there yet.
    } catch (IOException e) {
      return false; // Whoever asks for a file there is told why, or the next run sweeps.
    }
  }

  /**
   * Begins a file, and makes missing folders too, as all of Hadoop's stores do. Of a directory in
   * its place only the rename tells.
   */
  AtomicOutput open(PinnedFolder pinned) throws StorageException {
    try {
      Path pinnedPath = HadoopPaths.of(pinned.uri());
      Path temporary = new Path(folder, TemporaryNames.next());
      return new HadoopOutput(store.create(temporary, false), temporary, pinned, pinnedPath);
    } catch (IOException e) {
      throw HadoopFaults.writing(uri, e);
    }
  }

  /** As the other one, in the folder that is there, which is looked at first. */
  AtomicOutput open() throws StorageException {
    try {
      if (isDirectory()) {
        throw StorageException.directory(uri);
      }
    } catch (IOException e) {
      throw HadoopFaults.writing(uri, e);
    }
    sweep();
    return open(pin());
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

  /** Another folder is where the pinned one was. */
  private static final class ReplacedFolderException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /** A directory is where the file is to be. */
  private static final class DirectoryException extends IOException {
    private static final long serialVersionUID = 1L;

    DirectoryException(IOException cause) {
      super(cause);
    }
  }

  /**
   * The file while it is written. Its stream is not closed by try-with-resources: once a write has
   * failed, HDFS's stream throws the very same exception from {@code close}, which Java refuses to
   * suppress in itself.
   */
  private final class HadoopOutput extends AtomicOutput {
    private final FSDataOutputStream output;
    private final Path temporary;
    private final PinnedFolder pinned;
    private final Path pinnedPath;
    private boolean completed;
    private boolean committed;

    HadoopOutput(FSDataOutputStream output, Path temporary, PinnedFolder pinned, Path pinnedPath) {
      this.output = output;
      this.temporary = temporary;
      this.pinned = pinned;
      this.pinnedPath = pinnedPath;
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
    public void complete() throws IOException {
      if (!completed) {
        if (output.hasCapability(StreamCapabilities.HSYNC)) {
          output.hsync();
        }
        output.close();
        completed = true;
      }
    }

    @Override
    public void commit() throws IOException {
      complete();
      requireSameFolder();
      try {
        new ReplacingFileSystem(store).replace(temporary, target);
      } catch (IOException e) {
        throw isDirectory() ? new DirectoryException(e) : e;
      }
      committed = true;
    }

    /** Files are renamed by their paths, so a folder that is replaced just now is not noticed. */
    private void requireSameFolder() throws IOException {
      if (!pinned.identity().isEmpty() && !pinned.identity().equals(identity(pinnedPath))) {
        throw new ReplacedFolderException();
      }
    }

    @Override
    public StorageException explain(IOException fault) {
      if (fault instanceof ReplacedFolderException) {
        return StorageException.replacedFolder(pinned.uri());
      }
      return fault instanceof DirectoryException
          ? StorageException.directory(uri)
          : HadoopFaults.writing(uri, fault);
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
