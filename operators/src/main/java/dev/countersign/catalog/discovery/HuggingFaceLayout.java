package dev.countersign.catalog.discovery;

import dev.countersign.catalog.CatalogRow;
import dev.countersign.remedy.Setting;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The cache of the Hugging Face hub: {@code models--OWNER--NAME/snapshots/COMMIT}, whose files are
 * links into {@code models--OWNER--NAME/blobs}; {@code refs} says which commit a branch or tag is.
 * The folder that is searched may be the cache, the folder above its {@code hub}, or anything in
 * it.
 *
 * <p>Since content is shared between repositories, {@code models--OWNER--NAME/blobs} holds links
 * too, into {@code blobs/ab/HASH} beside the repositories (huggingface_hub, _shared_blobs.py).
 */
final class HuggingFaceLayout implements Layout {

  private static final String PREFIX = "models--";
  private static final String SNAPSHOTS = "snapshots";
  private static final String HUB = "hub";
  static final String BLOBS = "blobs";

  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40,64}");

  /** A commit has 40 characters; what is longer is none. */
  private static final int MAX_REF_BYTES = 256;

  /** More than one cache holds of one model. */
  private static final int MAX_REFS = 10_000;

  /** {@code pr/1} and {@code convert/parquet} are the deepest there are. */
  private static final int MAX_REF_DEPTH = 4;

  private String repository = "";
  private Map<String, String> refs = Map.of();
  private boolean sharesBlobs;

  /** Folders of content that are links, of which that was said. */
  private final Set<String> told = new HashSet<>();

  @Override
  public List<String> labels() {
    return List.of("ref");
  }

  @Override
  public String expected() {
    return "folders models--OWNER--NAME/snapshots/COMMIT";
  }

  @Override
  public Verdict look(Folder folder, DiscoveryListener listener) {
    String above = Storages.parent(folder.uri());
    if (isRepository(folder.name())) {
      return Verdict.below(folder.folders().stream().filter(SNAPSHOTS::equals).toList());
    }
    if (folder.name().equals(SNAPSHOTS) && isRepository(Storages.baseName(above))) {
      return Verdict.below(folder.folders());
    }
    if (Storages.baseName(above).equals(SNAPSHOTS)
        && isRepository(Storages.baseName(Storages.parent(above)))) {
      return model(folder, Storages.parent(above), listener);
    }
    return Verdict.below(
        folder.folders().stream()
            .filter(name -> isRepository(name) || (folder.depth() == 0 && name.equals(HUB)))
            .toList());
  }

  /** Tells whether a folder's name is that of a cached model; data sets have others. */
  static boolean isRepository(String name) {
    return name.startsWith(PREFIX) && name.length() > PREFIX.length();
  }

  private Verdict model(Folder folder, String home, DiscoveryListener listener) {
    if (!repository.equals(home)) {
      repository = home;
      refs = refsOf(home, listener);
      sharesBlobs = sharesBlobs(home);
    }
    if (folder.linked()) {
      String cache = Storages.parent(home);
      content(home, cache, listener);
      if (sharesBlobs) {
        content(cache, cache, listener);
      }
    }
    String ref = refs.getOrDefault(folder.name(), "");
    return Verdict.model(
        new CatalogRow(
            folder.uri(),
            Storages.baseName(home).substring(PREFIX.length()).replace("--", "/"),
            folder.name(),
            ref.isEmpty() ? Map.of() : Map.of("ref", ref)));
  }

  /**
   * Tells where content is. A folder that is itself a link may lead anywhere, so that is said, and
   * not advised.
   */
  private void content(String above, String cache, DiscoveryListener listener) {
    String blobs = Storages.child(above, BLOBS);
    try {
      String place = Storages.resolveLinks(blobs);
      if (place.equals(Storages.child(Storages.resolveLinks(above), BLOBS))) {
        listener.linkedContent(blobs, cache);
      } else if (told.add(blobs)) {
        listener.note(
            Message.of(
                "%s is a link, so files of these models lie in %s. Name that folder with %s only if"
                    + " all of it may count as content of models.",
                Printable.of(blobs), Printable.of(place), Setting.SYMLINK_ROOT));
      }
    } catch (StorageException e) {
      listener.note(String.valueOf(e.getMessage()));
    }
  }

  /** Tells whether content of a repository is in the store that all of the cache share. */
  private static boolean sharesBlobs(String home) {
    try {
      return Folder.open(Storages.child(home, BLOBS), "", 0, name -> false).linked();
    } catch (StorageException e) {
      return false;
    }
  }

  /** Without its refs a snapshot is a model all the same. */
  private static Map<String, String> refsOf(String home, DiscoveryListener listener) {
    try {
      return refs(home);
    } catch (StorageException e) {
      listener.note(
          "The labels ref of " + Storages.baseName(home) + " are missing: " + e.getMessage());
      return Map.of();
    }
  }

  /**
   * Returns the branches, tags and pull requests of each commit, several separated by blanks, in
   * code point order: {@code refs/main} and {@code refs/pr/1} are files that hold a commit.
   *
   * @throws StorageException if there are refs and they cannot be read
   */
  private static Map<String, String> refs(String home) throws StorageException {
    ModelStorage storage = Storages.forUri(home);
    String root = Storages.child(home, "refs");
    Map<String, String> refs = new TreeMap<>();
    if (storage.stat(root).isEmpty()) {
      return refs;
    }
    Deque<Folder> pending = new ArrayDeque<>();
    pending.push(Folder.open(root, "", 0, name -> true));
    int left = MAX_REFS;
    while (!pending.isEmpty()) {
      Folder folder = pending.pop();
      String prefix = folder.path().isEmpty() ? "" : folder.path() + "/";
      for (String file : folder.files()) {
        if (left-- <= 0) {
          return refs;
        }
        byte[] content = storage.readFully(Storages.child(folder.uri(), file), MAX_REF_BYTES);
        String commit = new String(content, StandardCharsets.UTF_8).strip();
        if (COMMIT.matcher(commit).matches()) {
          refs.merge(commit, prefix + file, (before, next) -> before + " " + next);
        }
      }
      for (String name : folder.folders()) {
        if (folder.depth() < MAX_REF_DEPTH) {
          String uri = Storages.child(folder.uri(), name);
          pending.addLast(Folder.open(uri, prefix + name, folder.depth() + 1, any -> true));
        }
      }
    }
    return refs;
  }
}
