package dev.countersign.jobs.discovery;

import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.CatalogRow;
import dev.countersign.catalog.ModelGlobs;
import dev.countersign.catalog.NamedModel;
import dev.countersign.catalog.Places;
import dev.countersign.catalog.discovery.DiscoverySettings;
import dev.countersign.catalog.discovery.LayoutName;
import dev.countersign.catalog.discovery.ModelDiscovery;
import dev.countersign.catalog.written.CatalogWriter;
import dev.countersign.catalog.written.WrittenFormat;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.jobs.terminal.Faults;
import dev.countersign.jobs.terminal.Interruption;
import dev.countersign.jobs.terminal.ProgressLine;
import dev.countersign.jobs.terminal.ShownModel;
import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.DiscoveryOptions;
import dev.countersign.options.declarations.OutputOptions;
import dev.countersign.options.settings.DiscoveryChecks;
import dev.countersign.options.settings.HadoopOptions;
import dev.countersign.options.settings.OptionValues;
import dev.countersign.storage.AtomicOutput;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredObject;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.text.StoreUri;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds models and writes a catalog of them. Runs in this process: only names are read. */
public final class CatalogCommand {

  private final Console console;
  private final OptionValues values;
  private final String workingDirectory;
  private final ShownModel shown;
  private final boolean quiet;

  public CatalogCommand(Console console, OptionValues values, Path workingDirectory) {
    this.console = console;
    this.values = values;
    this.workingDirectory = workingDirectory.toString();
    this.shown = new ShownModel(workingDirectory.toString());
    this.quiet = values.get(OutputOptions.QUIET);
  }

  /**
   * Finds models.
   *
   * @param arguments the folders to search: paths, URIs and globs
   * @return the exit code
   * @throws UsageException if options don't go together, a folder is not there, or nothing is found
   */
  public int run(List<String> arguments) {
    DiscoverySettings settings = DiscoveryChecks.of(values);
    Storages.configure(HadoopOptions.of(values));
    Optional<String> target =
        values
            .find(DiscoveryOptions.WRITE)
            .map(given -> Storages.absolute(given, workingDirectory));
    WrittenFormat format = format(target);
    try {
      if (target.isEmpty()) {
        return print(searches(roots(arguments), settings), format);
      }
      String place = Storages.replaced(target.get());
      return write(searches(roots(arguments), settings), target.get(), place, format);
    } catch (CatalogException | StorageException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    }
  }

  private WrittenFormat format(Optional<String> target) {
    Optional<WrittenFormat> given = values.find(DiscoveryOptions.CATALOG_FORMAT);
    if (target.isPresent()) {
      return given
          .or(() -> WrittenFormat.ofFile(target.get()))
          .orElseThrow(
              () ->
                  UsageException.of(
                      "--write %s: the ending says how the catalog is written, and must be"
                          + " .csv, .jsonl or .avro. Or name it with --catalog-format.",
                      Printable.of(values.get(DiscoveryOptions.WRITE))));
    }
    if (values.get(DiscoveryOptions.RELATIVE)) {
      throw new UsageException(
          "--relative needs --write: models are named relative to the catalog's folder.");
    }
    if (given.isPresent() && given.get() == WrittenFormat.AVRO) {
      throw new UsageException(
          "--catalog-format avro needs --write: Avro is nothing for standard output.");
    }
    return given.orElse(WrittenFormat.CSV);
  }

  /** Returns the folders to search, none in another one, or a model would be found twice. */
  private List<String> roots(List<String> arguments) throws CatalogException, StorageException {
    List<String> roots = new ArrayList<>();
    List<String> places = new ArrayList<>();
    for (NamedModel named : ModelGlobs.expand(arguments, workingDirectory)) {
      if (!named.linkTo().isEmpty()) {
        continue;
      }
      String root = named.model();
      Optional<StoredObject> found = Storages.forUri(root).stat(root);
      if (found.isEmpty()) {
        throw UsageException.of("There is nothing at %s. Check the path.", shown.of(root));
      }
      if (found.get().kind() != StoredObject.Kind.DIRECTORY) {
        throw UsageException.of(
            "%s is not a folder, so it contains no models. Name the folder that contains it.",
            shown.of(root));
      }
      String place = Storages.resolveLinks(root);
      if (!named.globRoot().isEmpty()
          && !place.startsWith(Storages.child(Storages.resolveLinks(named.globRoot()), ""))) {
        throw UsageException.of(
            "The glob matches %s, which leads through a link to %s, outside %s. Name that"
                + " folder itself, without a glob.",
            shown.of(root), shown.of(place), shown.of(named.globRoot()));
      }
      for (int i = 0; i < places.size(); i++) {
        if (Places.holds(places.get(i), place) || Places.holds(place, places.get(i))) {
          throw UsageException.of(
              "%s and %s are the same folder, or one contains the other. Name only one of them.",
              shown.of(roots.get(i)), shown.of(root));
        }
      }
      roots.add(root);
      places.add(place);
    }
    return roots;
  }

  private List<ModelDiscovery> searches(List<String> roots, DiscoverySettings settings)
      throws StorageException {
    List<ModelDiscovery> searches = new ArrayList<>();
    for (String root : roots) {
      ModelDiscovery search = ModelDiscovery.of(root, settings);
      searches.add(search);
      if (settings.layout() == LayoutName.AUTO && !quiet) {
        console.say(recognized(search));
      }
    }
    return searches;
  }

  private String recognized(ModelDiscovery search) {
    String root = shown.of(search.root());
    if (search.recognized().contains(search.layout())) {
      return Message.of("%s: looks like --layout %s", root, lower(search.layout()));
    }
    if (search.recognized().isEmpty()) {
      return root
          + ": no layout recognized, so models are recognized by marker files (--layout markers)";
    }
    return Message.of(
        "%s: contains %s next to other folders, so models are recognized by marker files (--layout"
            + " markers). Search its parts one by one to have each as it is.",
        root,
        search.recognized().stream()
            .map(CatalogCommand::lower)
            .sorted()
            .collect(Collectors.joining(" and ")));
  }

  private static String lower(LayoutName layout) {
    return layout.name().toLowerCase(Locale.ROOT);
  }

  private int print(List<ModelDiscovery> searches, WrittenFormat format) {
    try (Interruption interruption = Interruption.watch(() -> {})) {
      try (CatalogWriter writer =
          CatalogWriter.open(format, console.results(), ModelDiscovery.labels(searches))) {
        DiscoveryTally tally =
            new DiscoveryTally(console, shown, quiet, interruption, writer::write);
        search(searches, tally);
        if (tally.found() > 0) {
          writer.finish();
        }
        return end(searches, tally, "");
      } catch (IOException e) {
        return interruption.isRequested()
            ? interrupted()
            : broken("Standard output cannot be written: " + Faults.innermost(e) + ".");
      }
    }
  }

  private int write(
      List<ModelDiscovery> searches, String target, String place, WrittenFormat format)
      throws StorageException {
    CatalogFolder folder = new CatalogFolder(target, place);
    try (Interruption interruption = Interruption.watch(() -> {});
        AtomicOutput output = Storages.forUri(place).create(place)) {
      try {
        CatalogWriter writer = CatalogWriter.open(format, output, ModelDiscovery.labels(searches));
        DiscoveryTally tally =
            new DiscoveryTally(
                console, shown, quiet, interruption, row -> writer.write(placed(row, folder)));
        search(searches, tally);
        if (tally.found() == 0) {
          return end(searches, tally, "");
        }
        writer.finish();
        output.commit();
        return end(searches, tally, " -> " + shown.of(target));
      } catch (IOException e) {
        return interruption.isRequested()
            ? interrupted()
            : broken(String.valueOf(output.explain(e).getMessage()));
      }
    } catch (IOException e) {
      return broken("The unfinished catalog cannot be removed: " + Faults.innermost(e) + ".");
    }
  }

  /** Returns the row as the catalog in that folder has it. */
  private CatalogRow placed(CatalogRow row, CatalogFolder folder) {
    String model = row.model();
    try {
      if (folder.liesIn(Storages.resolveLinks(model))) {
        throw UsageException.of(
            "The catalog would lie inside the model %s and change it. Name another place with"
                + " --write, or tell models otherwise (--marker, --depth).",
            shown.of(model));
      }
    } catch (StorageException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    }
    if (!values.get(DiscoveryOptions.RELATIVE)) {
      return row;
    }
    return row.withModel(
        folder
            .relative(model)
            .orElseThrow(
                () ->
                    UsageException.of(
                        "--relative: %s is in another store than the catalog. Write the"
                            + " catalog there, or leave --relative out.",
                        shown.of(model))));
  }

  private void search(List<ModelDiscovery> searches, DiscoveryTally tally) throws IOException {
    try (ProgressLine unused =
        quiet ? null : ProgressLine.show(console, elapsed -> tally.progress())) {
      for (ModelDiscovery search : searches) {
        search.run(tally);
      }
    }
  }

  private int end(List<ModelDiscovery> searches, DiscoveryTally tally, String where) {
    if (tally.found() == 0 && tally.failures() == 0) {
      throw new UsageException(nothing(searches));
    }
    tally.sayHints();
    if (!quiet) {
      console.say(tally.summary() + where);
    }
    return tally.failures() == 0 ? ExitCode.OK : ExitCode.MODEL_FAILED;
  }

  private String nothing(List<ModelDiscovery> searches) {
    String looked =
        searches.stream()
            .map(
                search ->
                    Message.of(
                        "below %s, searched for %s (--layout %s)",
                        shown.of(search.root()),
                        Printable.whole(search.expected()),
                        lower(search.layout())))
            .limit(3)
            .collect(Collectors.joining("; "));
    return "No model was found "
        + looked
        + ". Name files that only models have with --marker, the level at which models are with"
        + " --depth, or another --layout.";
  }

  private int interrupted() {
    console.say("countersign: stopped by the user. No catalog was written; run it again.");
    return ExitCode.INTERRUPTED;
  }

  private int broken(String message) {
    console.say("countersign: " + message);
    return ExitCode.BROKEN;
  }

  /** The folder that a catalog is written into, as what its models are seen from. */
  static final class CatalogFolder {

    private final StoreUri folder;
    private final String realPlace;

    /**
     * A folder of a catalog.
     *
     * @param catalog URI of the catalog itself, as it will be named when it is read
     * @param place URI that it is written to: another one if a link leads there
     */
    CatalogFolder(String catalog, String place) throws StorageException {
      this.folder = StoreUri.parse(Storages.parent(catalog));
      this.realPlace = Storages.resolveLinks(Storages.parent(place));
    }

    /** Tells whether the catalog lies in a folder, whose links are resolved. */
    boolean liesIn(String realFolder) {
      return realPlace.equals(realFolder) || realPlace.startsWith(Storages.child(realFolder, ""));
    }

    /**
     * Returns a model's URI as seen from the folder; empty if it lies in another store. What could
     * be taken for something else than a path begins with {@code ./}.
     */
    Optional<String> relative(String model) {
      StoreUri uri = StoreUri.parse(model);
      if (!uri.store().equals(folder.store())) {
        return Optional.empty();
      }
      List<String> from = segments(folder.path());
      List<String> to = segments(uri.path());
      int shared = 0;
      while (shared < Math.min(from.size(), to.size()) && from.get(shared).equals(to.get(shared))) {
        shared++;
      }
      List<String> up = Collections.nCopies(from.size() - shared, "..");
      String down = String.join("/", to.subList(shared, to.size()));
      String way = String.join("/", up);
      if (!up.isEmpty()) {
        return Optional.of(down.isEmpty() ? way : way + "/" + down);
      }
      return Optional.of(down.isEmpty() ? "." : isPlain(down) ? down : "./" + down);
    }

    private static boolean isPlain(String path) {
      return Character.isLetterOrDigit(path.codePointAt(0)) && !StoreUri.isAbsolute(path);
    }

    private static List<String> segments(String path) {
      return path.equals("/") ? List.of() : Arrays.asList(path.substring(1).split("/"));
    }
  }
}
