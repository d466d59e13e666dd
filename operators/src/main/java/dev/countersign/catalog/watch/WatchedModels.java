package dev.countersign.catalog.watch;

import dev.countersign.catalog.BundleTemplate;
import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.CatalogSource;
import dev.countersign.catalog.EntryRules;
import dev.countersign.catalog.EntryStream;
import dev.countersign.catalog.ModelGlobs;
import dev.countersign.catalog.NamedModel;
import dev.countersign.catalog.conflicts.EntryChecks;
import dev.countersign.catalog.file.CatalogFile;
import dev.countersign.storage.GlobPattern;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Models that come and go: each stream is a new look at the same paths and patterns, or at the same
 * catalog, which may be another file each time. What would get into each other's way is an entry
 * with a fault, so that the others can be worked on.
 */
public final class WatchedModels implements CatalogSource {

  private static final long serialVersionUID = 1L;

  private final List<String> arguments;
  private final String catalog;
  private final EntryRules rules;
  private final List<String> outputs;
  private final WatchSettings settings;

  private WatchedModels(
      List<String> arguments,
      String catalog,
      EntryRules rules,
      List<String> outputs,
      WatchSettings settings) {
    this.arguments = List.copyOf(arguments);
    this.catalog = catalog;
    this.rules = rules;
    this.outputs = List.copyOf(outputs);
    this.settings = settings;
  }

  /**
   * Watches what arguments name. A pattern may match nothing for now.
   *
   * @param arguments paths, URIs and patterns
   * @param workingDirectory what relative ones are relative to, a URI
   * @param bundles where bundles lie
   * @param outputs URIs of the folders that the run writes
   * @param isNew whether this begins a watch, rather than going on with one
   * @throws CatalogException if a pattern is malformed, or the folder is not there that a model or
   *     a pattern's matches would lie in; and, of a new watch, if what is there now gets into each
   *     other's way
   */
  public static WatchedModels named(
      List<String> arguments,
      String workingDirectory,
      BundleTemplate bundles,
      List<String> outputs,
      WatchSettings settings,
      boolean isNew)
      throws CatalogException {
    List<String> absolute = new ArrayList<>(arguments.size());
    for (String argument : arguments) {
      absolute.add(ModelGlobs.absolute(argument, workingDirectory));
      requireFolder(argument, absolute.get(absolute.size() - 1));
    }
    WatchedModels watched =
        new WatchedModels(
            absolute,
            "",
            new EntryRules(bundles, List.of(), List.of(), EntryRules.Ignores.REFUSED),
            outputs,
            settings);
    if (isNew) {
      List<String> passedOver = new ArrayList<>();
      List<CatalogEntry> now = watched.present(passedOver::add);
      if (!passedOver.isEmpty()) {
        throw new CatalogException(passedOver.get(0));
      }
      EntryChecks.check(now, outputs);
    }
    return watched;
  }

  /**
   * Watches what a catalog names.
   *
   * @param uri as {@link CatalogFile#check} takes it
   * @param outputs URIs of the folders that the run writes
   * @param isNew whether this begins a watch, rather than going on with one
   * @throws CatalogException of a new watch, as {@link CatalogFile#check}
   */
  public static WatchedModels listed(
      String uri, EntryRules rules, List<String> outputs, WatchSettings settings, boolean isNew)
      throws CatalogException {
    if (isNew) {
      CatalogFile unused = CatalogFile.check(uri, rules, outputs);
    }
    return new WatchedModels(List.of(), uri, rules, outputs, settings);
  }

  /** What cannot appear is a slip of the pen. */
  private static void requireFolder(String argument, String uri) throws CatalogException {
    boolean isPattern = GlobPattern.hasGlobCharacters(argument);
    try {
      String folder = isPattern ? GlobPattern.parse(uri).fixedPart() : Storages.parent(uri);
      if (Storages.forUri(uri).stat(uri).isEmpty()
          && Storages.forUri(folder).stat(folder).isEmpty()) {
        throw CatalogException.of(
            "The folder %s of the %s %s is not there. Check its spelling, or make the folder: what"
                + " appears in it is watched.",
            Printable.of(folder), isPattern ? "glob" : "model", Printable.of(argument));
      }
    } catch (StorageException e) {
      throw new CatalogException(e.getMessage(), e);
    }
  }

  /** Returns how models are watched. */
  public WatchSettings settings() {
    return settings;
  }

  /** Returns {@link Long#MAX_VALUE}: there is always one more to come. */
  @Override
  public long size() {
    return Long.MAX_VALUE;
  }

  /** Returns what is watched, for people too. */
  @Override
  public String identity() {
    return "watched: " + (catalog.isEmpty() ? String.join(", ", arguments) : catalog);
  }

  @Override
  public EntryStream open() throws CatalogException, StorageException {
    return look(passedOver -> {});
  }

  /**
   * Looks anew. What is there changes while it is looked at; the next look sees that.
   *
   * @param passedOver gets, for people, what could not be looked into: models may be there that the
   *     stream does not give
   * @throws CatalogException if nothing can be looked at
   */
  public EntryStream look(Consumer<String> passedOver) throws CatalogException, StorageException {
    if (!catalog.isEmpty()) {
      CatalogFile.Checked now = CatalogFile.checkEach(catalog, rules, outputs);
      return new Sifted(now.file().open(), now.faults());
    }
    List<CatalogEntry> present = present(passedOver);
    return new Sifted(new Present(present.iterator()), EntryChecks.faults(present, outputs));
  }

  private List<CatalogEntry> present(Consumer<String> passedOver) throws CatalogException {
    List<CatalogEntry> found = new ArrayList<>();
    for (NamedModel model : ModelGlobs.present(arguments, passedOver)) {
      found.add(model.entry(found.size(), rules.bundles()));
    }
    Set<String> own = own(found);
    List<CatalogEntry> entries = new ArrayList<>();
    for (CatalogEntry entry : found) {
      if (!own.contains(entry.model()) && !own.contains(entry.linkTo())) {
        entries.add(entry.withId(entries.size()));
      }
    }
    return entries;
  }

  /** What the watch itself writes is no model, though a pattern matches it. */
  private Set<String> own(List<CatalogEntry> found) {
    Set<String> own = new HashSet<>(outputs);
    Set<String> present = new HashSet<>();
    found.forEach(entry -> present.add(entry.model()));
    for (CatalogEntry entry : found) {
      if (present.contains(entry.bundle()) || present.contains(entry.model() + ".sig")) {
        own.add(entry.settled().bundle());
      }
    }
    own.removeAll(arguments);
    return own;
  }

  /** Entries that are in memory. */
  private record Present(Iterator<CatalogEntry> rest) implements EntryStream {

    @Override
    public Optional<CatalogEntry> next() {
      return rest.hasNext() ? Optional.of(rest.next()) : Optional.empty();
    }

    @Override
    public void close() {}
  }

  /** Entries, of which some are not to be worked on. */
  private record Sifted(EntryStream all, Map<Long, String> faults) implements EntryStream {

    @Override
    public Optional<CatalogEntry> next() throws CatalogException, StorageException {
      return all.next()
          .map(
              entry -> {
                String fault = faults.get(entry.id());
                return fault == null ? entry : entry.refused(fault);
              });
    }

    @Override
    public void close() throws IOException {
      all.close();
    }
  }
}
