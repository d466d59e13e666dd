package dev.countersign.storage.hadoop;

import dev.countersign.storage.AtomicOutput;
import dev.countersign.storage.FolderEntry;
import dev.countersign.storage.FolderEntry.Kind;
import dev.countersign.storage.GlobPattern;
import dev.countersign.storage.ListingRules;
import dev.countersign.storage.ListingSummary;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.ModelReader;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.PinnedFolder;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.StoredObject;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options.OpenFileOptions;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.UnsupportedFileSystemException;

/**
 * One Hadoop file system. Hadoop itself keeps its clients, one for each scheme, authority and user,
 * and closes them when the process ends.
 */
final class HadoopStorage implements ModelStorage, GlobPattern.Folders {

  private final FileSystem store;
  private final boolean withHosts;

  private HadoopStorage(FileSystem store, boolean withHosts) {
    this.store = store;
    this.withHosts = withHosts;
  }

  /** Returns the store that a URI lies in, which may have to be asked over the network. */
  static HadoopStorage of(String uri, Map<String, String> settings) throws StorageException {
    Path path = HadoopPaths.of(uri);
    HadoopConfiguration.requireFileSystem(uri, settings);
    try {
      return new HadoopStorage(
          FileSystem.get(path.toUri(), HadoopConfiguration.with(uri, settings)), false);
    } catch (UnsupportedFileSystemException e) {
      throw HadoopFaults.unsupported(uri, e);
    } catch (IOException e) {
      throw HadoopFaults.reading(uri, e);
    } catch (IllegalArgumentException e) {
      throw HadoopFaults.badAddress(uri, e);
    } catch (RuntimeException e) {
      // A connector's class that is configured and not there; Hadoop has no type for it.
      if (e.getCause() instanceof ClassNotFoundException) {
        throw HadoopFaults.unsupported(uri, e);
      }
      throw e;
    } catch (LinkageError | ServiceConfigurationError e) {
      // A connector that is there, and something that it needs is not.
      throw HadoopFaults.unsupported(uri, e);
    }
  }

  @Override
  public ModelListing list(String modelUri, ListingRules rules) throws StorageException {
    return HadoopListing.of(store, modelUri, rules, withHosts);
  }

  @Override
  public ModelStorage withHosts() {
    return new HadoopStorage(store, true);
  }

  @Override
  public ListingSummary summarize(String modelUri, ListingRules rules) throws StorageException {
    return HadoopListing.summarize(store, modelUri, rules);
  }

  @Override
  public ModelReader openModel(String modelUri, List<String> symlinkRoots) {
    return new HadoopModelReader(store, modelUri);
  }

  @Override
  public Optional<StoredObject> stat(String uri) throws StorageException {
    try {
      FileStatus status = store.getFileStatus(HadoopPaths.of(uri));
      return Optional.of(HadoopListing.object(uri, status));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw HadoopFaults.reading(uri, e);
    }
  }

  @Override
  public byte[] readFully(String uri, long maxBytes) throws StorageException {
    try {
      return readFully(uri, store.getFileStatus(HadoopPaths.of(uri)), maxBytes);
    } catch (IOException e) {
      throw HadoopFaults.reading(uri, e);
    }
  }

  @Override
  public byte[] readFully(StoredObject found, long maxBytes) throws StorageException {
    return readFully(
        found.uri(),
        new FileStatus(
            found.length(),
            found.kind() != StoredObject.Kind.FILE,
            1,
            0,
            found.modifiedMillis(),
            HadoopPaths.of(found.uri())),
        maxBytes);
  }

  private byte[] readFully(String uri, FileStatus status, long maxBytes) throws StorageException {
    if (status.isDirectory()) {
      throw StorageException.notRegular(uri);
    }
    int most = (int) Math.min(maxBytes, Integer.MAX_VALUE - 16);
    try (FSDataInputStream input =
        HadoopModelReader.open(
            store,
            HadoopPaths.of(uri),
            status,
            OpenFileOptions.FS_OPTION_OPENFILE_READ_POLICY_WHOLE_FILE)) {
      byte[] content = input.readNBytes((int) Math.min(most, status.getLen()) + 1);
      if (content.length > most) {
        throw StorageException.tooLarge(uri, most);
      }
      if (content.length > status.getLen()) {
        throw StorageException.longer(uri, status.getLen());
      }
      return content;
    } catch (IOException e) {
      throw HadoopFaults.reading(uri, e);
    }
  }

  @Override
  public void writeAtomically(String uri, byte[] content) throws StorageException {
    new HadoopFileWriter(store, uri).open().writeAll(content);
  }

  @Override
  public void writeAtomically(String uri, byte[] content, PinnedFolder folder)
      throws StorageException {
    new HadoopFileWriter(store, uri).open(folder).writeAll(content);
  }

  @Override
  public PinnedFolder pin(String uri) throws StorageException {
    return new HadoopFileWriter(store, uri).pin();
  }

  @Override
  public void sweepTemporaries(String uri, PinnedFolder folder) throws StorageException {
    new HadoopFileWriter(store, uri).sweep();
  }

  @Override
  public Map<String, StoredObject> findAll(List<String> uris) throws StorageException {
    Map<String, StoredObject> found = new HashMap<>();
    boolean isListed = new HadoopFileWriter(store, uris.get(0)).sweep(uris, found);
    return isListed ? found : ModelStorage.super.findAll(uris);
  }

  @Override
  public void delete(String uri, PinnedFolder folder) throws StorageException {
    try {
      boolean unused = store.delete(HadoopPaths.of(uri), false);
    } catch (IOException e) {
      throw HadoopFaults.writing(uri, e);
    }
  }

  @Override
  public AtomicOutput create(String uri) throws StorageException {
    return new HadoopFileWriter(store, uri).open();
  }

  @Override
  public AtomicOutput create(String uri, PinnedFolder folder) throws StorageException {
    return new HadoopFileWriter(store, uri).open(folder);
  }

  @Override
  public List<String> glob(String pattern, GlobPattern.Blocked blocked) throws StorageException {
    return GlobPattern.expand(pattern, this, blocked);
  }

  @Override
  public List<String> names(String uri, Predicate<String> wanted, boolean foldersOnly)
      throws StorageException {
    List<String> names = new ArrayList<>();
    try {
      Path folder = HadoopPaths.of(uri);
      if (!store.getFileStatus(folder).isDirectory()) {
        return List.of();
      }
      RemoteIterator<FileStatus> entries = store.listStatusIterator(folder);
      while (entries.hasNext()) {
        FileStatus entry = entries.next();
        String name = HadoopPaths.nameIn(folder, entry.getPath());
        if (!name.isEmpty() && wanted.test(name) && (!foldersOnly || entry.isDirectory())) {
          names.add(name);
        }
      }
      return names;
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw HadoopFaults.reading(uri, e);
    }
  }

  @Override
  public boolean exists(String uri, boolean folderOnly) throws StorageException {
    try {
      FileStatus found = store.getFileStatus(HadoopPaths.of(uri));
      return !folderOnly || found.isDirectory();
    } catch (FileNotFoundException e) {
      return false;
    } catch (IOException e) {
      throw HadoopFaults.reading(uri, e);
    }
  }

  /** Links are never followed here, so they are nothing. */
  @Override
  public void visitFolder(String folderUri, Consumer<FolderEntry> visitor) throws StorageException {
    try {
      Path folder = HadoopPaths.of(folderUri);
      RemoteIterator<FileStatus> entries = store.listStatusIterator(folder);
      while (entries.hasNext()) {
        FileStatus entry = entries.next();
        String name = HadoopPaths.nameIn(folder, entry.getPath());
        visitor.accept(
            new FolderEntry(
                name.isEmpty() ? entry.getPath().toUri().getPath() : name,
                kind(entry),
                !name.isEmpty()));
      }
    } catch (IOException e) {
      throw HadoopFaults.reading(folderUri, e);
    }
  }

  private static Kind kind(FileStatus entry) {
    if (entry.isSymlink()) {
      return Kind.OTHER;
    }
    return entry.isDirectory() ? Kind.FOLDER : Kind.FILE;
  }
}
