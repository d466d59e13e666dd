package dev.countersign.catalog.discovery;

import dev.countersign.catalog.CatalogRow;
import dev.countersign.storage.StorageException;
import java.io.IOException;
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
  private final Layout layout;
  private final LayoutGuess guess;
  private final DiscoverySettings settings;

  private ModelDiscovery(
      String root, Layout layout, LayoutGuess guess, DiscoverySettings settings) {
    this.root = root;
    this.layout = layout;
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
      return new ModelDiscovery(root, layout(settings.layout(), settings), none, settings);
    }
    LayoutGuess guess = LayoutGuess.of(root);
    return new ModelDiscovery(root, layout(guess.layout(), settings), guess, settings);
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
    return layout.name();
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
    String name = layout.name().name().toLowerCase(Locale.ROOT);
    new FolderWalk(
            layout, settings.maxDepth(), settings.reportNested(), new Labelling(listener, name))
        .run(root);
  }

  /** Adds the layout's name to each model. */
  private record Labelling(DiscoveryListener listener, String layout) implements DiscoveryListener {

    @Override
    public void entering(String uri) throws IOException {
      listener.entering(uri);
    }

    @Override
    public void model(CatalogRow row) throws IOException {
      Map<String, String> labels = new LinkedHashMap<>();
      labels.put(LAYOUT, layout);
      labels.putAll(row.labels());
      listener.model(new CatalogRow(row.model(), row.name(), row.version(), labels));
    }

    @Override
    public void failed(String message) {
      listener.failed(message);
    }

    @Override
    public void note(String message) {
      listener.note(message);
    }

    @Override
    public void nested(String uri, String outer) {
      listener.nested(uri, outer);
    }

    @Override
    public void linkedFolder(String uri) {
      listener.linkedFolder(uri);
    }

    @Override
    public void linkedContent(String folder, String cache) {
      listener.linkedContent(folder, cache);
    }
  }
}
