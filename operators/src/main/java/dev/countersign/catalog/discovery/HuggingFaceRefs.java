package dev.countersign.catalog.discovery;

import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The branches, tags and pull requests of one repository in a Hugging Face cache: {@code refs/main}
 * and {@code refs/pr/1} are files that hold a commit.
 */
final class HuggingFaceRefs {

  /** A commit has 40 characters; what is longer is none. */
  private static final int MAX_BYTES = 256;

  /** More than one cache holds of one model. */
  private static final int MAX_REFS = 10_000;

  /** {@code pr/1} and {@code convert/parquet} are the deepest there are. */
  private static final int MAX_DEPTH = 4;

  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40,64}");

  private HuggingFaceRefs() {}

  /**
   * Returns the refs of each commit, several separated by blanks, in code point order.
   *
   * @throws StorageException if there are refs and they cannot be read
   */
  static Map<String, String> of(String repository) throws StorageException {
    ModelStorage storage = Storages.forUri(repository);
    String root = Storages.child(repository, "refs");
    Map<String, String> refs = new TreeMap<>();
    if (storage.stat(root).isEmpty()) {
      return refs;
    }
    Deque<Folder> pending = new ArrayDeque<>();
    pending.push(Folder.open(root, "", 0, name -> true));
    int left = MAX_REFS;
    while (!pending.isEmpty()) {
      Folder folder = pending.pop();
      for (String file : folder.files()) {
        if (left-- <= 0) {
          return refs;
        }
        addRef(storage, folder, file, refs);
      }
      for (String name : folder.folders()) {
        if (folder.depth() < MAX_DEPTH) {
          String path = folder.path().isEmpty() ? name : folder.path() + "/" + name;
          pending.addLast(
              Folder.open(
                  Storages.child(folder.uri(), name), path, folder.depth() + 1, any -> true));
        }
      }
    }
    return refs;
  }

  private static void addRef(
      ModelStorage storage, Folder folder, String file, Map<String, String> refs)
      throws StorageException {
    String ref = folder.path().isEmpty() ? file : folder.path() + "/" + file;
    byte[] content = storage.readFully(Storages.child(folder.uri(), file), MAX_BYTES);
    String commit = new String(content, StandardCharsets.UTF_8).strip();
    if (COMMIT.matcher(commit).matches()) {
      refs.merge(commit, ref, (before, next) -> before + " " + next);
    }
  }
}
