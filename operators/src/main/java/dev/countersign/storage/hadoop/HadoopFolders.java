package dev.countersign.storage.hadoop;

import dev.countersign.storage.FolderEntry;
import dev.countersign.storage.FolderEntry.Kind;
import dev.countersign.storage.GlobWalk;
import dev.countersign.storage.StorageException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * Folders of a Hadoop file system: what lies in them, and what a pattern of models is matched
 * against.
 */
final class HadoopFolders implements GlobWalk.Folders {

  private final FileSystem store;

  HadoopFolders(FileSystem store) {
    this.store = store;
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

  /** Passes on what lies in a folder. Links are never followed here, so they are nothing. */
  void visit(String uri, Consumer<FolderEntry> visitor) throws StorageException {
    try {
      Path folder = HadoopPaths.of(uri);
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
      throw HadoopFaults.reading(uri, e);
    }
  }

  private static Kind kind(FileStatus entry) {
    if (entry.isSymlink()) {
      return Kind.OTHER;
    }
    return entry.isDirectory() ? Kind.FOLDER : Kind.FILE;
  }
}
