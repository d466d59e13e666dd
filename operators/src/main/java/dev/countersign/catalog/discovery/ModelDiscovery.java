package dev.countersign.catalog.discovery;

import dev.countersign.catalog.CatalogRow;
import dev.countersign.remedy.Setting;
import dev.countersign.storage.NamePattern;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Finds the models below one folder. Not thread safe. */
public final class ModelDiscovery {

  /** The label that every model has: the layout by which it was found. */
  private static final String LAYOUT = "layout";

  private final String root;
  private final LayoutName name;
  private final Layout layout;
  private final LayoutGuess guess;
  private final DiscoverySettings settings;

  private ModelDiscovery(
      String root, LayoutName name, LayoutGuess guess, DiscoverySettings settings)
      throws StorageException {
    this.root = root;
    this.name = name;
    this.layout = layout(name, settings);
    this.guess = guess;
    this.settings = settings;
  }

  /**
   * Prepares a search, and recognizes the layout if that was left open.
   *
   * @param root URI of a folder
   * @throws StorageException if the folder cannot be listed, or a marker is malformed
   */
  public static ModelDiscovery of(String root, DiscoverySettings settings) throws StorageException {
    if (settings.layout() != LayoutName.AUTO) {
      LayoutGuess none = new LayoutGuess(Set.of(), true);
      return new ModelDiscovery(root, settings.layout(), none, settings);
    }
    LayoutGuess guess = LayoutGuess.of(root);
    return new ModelDiscovery(root, guess.layout(), guess, settings);
  }

  private static Layout layout(LayoutName name, DiscoverySettings settings)
      throws StorageException {
    return switch (name) {
      case DEPTH -> new DepthLayout(settings.depth(), false);
      case VERSIONS -> new DepthLayout(settings.depth(), true);
      case HUGGINGFACE -> new HuggingFaceLayout();
      case MLFLOW -> new MlflowLayout();
      case KAGGLE -> new KaggleLayout();
      case AUTO, MARKERS -> new MarkerLayout(settings.markers());
    };
  }

  /** Returns the folder that is searched. */
  public String root() {
    return root;
  }

  /** Returns the layout that it is searched by, never {@link LayoutName#AUTO}. */
  public LayoutName layout() {
    return name;
  }

  /**
   * Returns the layouts that were recognized. If they are several, or if other folders lie beside
   * the one that was, the search goes by markers: those are everywhere.
   */
  public Set<LayoutName> recognized() {
    return Set.copyOf(guess.signs());
  }

  /** Returns what it looks for, as the end of a sentence. */
  public String expected() {
    return layout.expected();
  }

  /** Returns the labels that models found by several searches may have, each once. */
  public static List<String> labels(List<ModelDiscovery> searches) {
    Set<String> labels = new LinkedHashSet<>(List.of(LAYOUT));
    searches.forEach(search -> labels.addAll(search.layout.labels()));
    return List.copyOf(labels);
  }

  /**
   * Searches. Models come folder by folder, in code point order of the names in each.
   *
   * @throws IOException what the listener threw
   */
  public void run(DiscoveryListener listener) throws IOException {
    try {
      layout.begin(root, listener);
    } catch (StorageException e) {
      listener.failed(e.getMessage());
      return;
    }
    new Walk(listener).run();
  }

  /**
   * Walks folders from the top down, each one's in code point order, and asks the layout what each
   * is. Holds the names of the folders on the way down, never models. Links are not followed, so
   * there are no loops.
   */
  private final class Walk {

    private final DiscoveryListener listener;
    private final Deque<Level> levels = new ArrayDeque<>();

    Walk(DiscoveryListener listener) {
      this.listener = listener;
    }

    void run() throws IOException {
      visit(root, "", 0, "");
      while (!levels.isEmpty()) {
        Level level = levels.peek();
        if (!level.names().hasNext()) {
          levels.pop();
          continue;
        }
        String name = level.names().next();
        Folder above = level.folder();
        visit(
            Storages.child(above.uri(), name),
            above.path().isEmpty() ? name : above.path() + "/" + name,
            above.depth() + 1,
            level.outer());
      }
    }

    private void visit(String uri, String path, int depth, String outer) throws IOException {
      listener.entering(uri);
      Folder folder;
      Layout.Verdict verdict;
      try {
        folder =
            layout.looksInto(uri, depth)
                ? Folder.open(uri, path, depth, layout::wantsFile)
                : Folder.closed(uri, path, depth);
        verdict = layout.look(folder, listener);
      } catch (StorageException e) {
        if (outer.isEmpty()) {
          listener.failed(e.getMessage());
        }
        return;
      }
      if (verdict.model().isEmpty()) {
        if (outer.isEmpty()) {
          tellWhatIsLeftOut(folder);
        }
        descend(folder, verdict.below(), outer);
      } else if (outer.isEmpty()) {
        listener.model(labelled(verdict.model().get()));
        if (settings.reportNested()) {
          descend(folder, folder.folders(), uri);
        }
      } else {
        listener.nested(uri, outer);
      }
    }

    private CatalogRow labelled(CatalogRow row) {
      Map<String, String> labels = new LinkedHashMap<>();
      labels.put(LAYOUT, name.name().toLowerCase(Locale.ROOT));
      labels.putAll(row.labels());
      return new CatalogRow(row.model(), row.name(), row.version(), labels);
    }

    private void descend(Folder folder, List<String> names, String outer) {
      if (names.isEmpty()) {
        return;
      }
      if (folder.depth() < settings.maxDepth()) {
        levels.push(new Level(folder, names.iterator(), outer));
      } else if (outer.isEmpty()) {
        listener.failed(
            Message.of(
                "%s has folders deeper than %d levels, which were not looked at. Raise %s.",
                Printable.of(folder.uri()), settings.maxDepth(), Setting.MAX_DEPTH));
      }
    }

    private void tellWhatIsLeftOut(Folder folder) {
      for (String name : folder.unnameable()) {
        listener.failed(
            Message.of(
                "%s in %s has a name that is not valid UTF-8, so no catalog can name it. Rename"
                    + " it.",
                Printable.of(name), Printable.of(folder.uri())));
      }
      for (String name : folder.linkedFolders()) {
        listener.linkedFolder(Storages.child(folder.uri(), name));
      }
    }
  }

  /**
   * Folder whose folders are being looked at.
   *
   * @param outer URI of the model that it is or lies in; empty if there is none
   */
  private record Level(Folder folder, Iterator<String> names, String outer) {}

  /** The folders at one level are the models, whatever is in them. */
  private static final class DepthLayout implements Layout {

    private final int depth;
    private final boolean versions;

    /**
     * Makes a layout.
     *
     * @param depth how many levels below the root the models are; 1 for folders in it
     * @param versions whether a model's folder is named after its version, and the one above after
     *     it
     */
    DepthLayout(int depth, boolean versions) {
      this.depth = depth;
      this.versions = versions;
    }

    @Override
    public String expected() {
      return (depth == 1 ? "folders one level" : "folders " + depth + " levels") + " below it";
    }

    @Override
    public boolean looksInto(String uri, int level) {
      return level < depth;
    }

    @Override
    public Verdict look(Folder folder, DiscoveryListener listener) {
      if (folder.depth() < depth) {
        return Verdict.below(folder.folders());
      }
      if (!versions) {
        return Verdict.model(new CatalogRow(folder.uri(), folder.path(), "", Map.of()));
      }
      int slash = folder.path().lastIndexOf('/');
      String name =
          slash < 0
              ? Storages.baseName(Storages.parent(folder.uri()))
              : folder.path().substring(0, slash);
      return Verdict.model(new CatalogRow(folder.uri(), name, folder.name(), Map.of()));
    }
  }

  /** A folder that directly holds a file of a certain name is a model, and nothing below it is. */
  private static final class MarkerLayout implements Layout {

    private final List<String> texts;
    private final List<NamePattern> patterns;

    /**
     * Makes a layout.
     *
     * @param markers patterns of file names
     * @throws StorageException if one is malformed
     */
    MarkerLayout(List<String> markers) throws StorageException {
      texts = List.copyOf(markers);
      patterns = new ArrayList<>();
      for (String marker : markers) {
        patterns.add(NamePattern.parse(marker));
      }
    }

    @Override
    public String expected() {
      return "folders that hold a file named " + String.join(", ", texts);
    }

    @Override
    public boolean wantsFile(String name) {
      return patterns.stream().anyMatch(pattern -> pattern.matches(name));
    }

    @Override
    public Verdict look(Folder folder, DiscoveryListener listener) {
      return folder.files().isEmpty()
          ? Verdict.below(folder.folders())
          : Verdict.model(new CatalogRow(folder.uri(), folder.label(), "", Map.of()));
    }
  }
}
