package dev.countersign.jobs.cli;

import dev.countersign.catalog.BundleTemplate;
import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.EntryChecks;
import dev.countersign.catalog.ModelGlobs;
import dev.countersign.catalog.NamedModel;
import dev.countersign.options.ModelOptions;
import dev.countersign.options.ModelRunOptions;
import dev.countersign.options.UsageException;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes the entries of a run of what the command line names. */
final class Entries {

  private Entries() {}

  /**
   * Returns the entries, checked against each other and against what the run writes.
   *
   * @param arguments paths, URIs and globs
   * @param outputs URIs of the folders that the run writes
   * @throws UsageException if the arguments make no sense as a whole
   */
  static List<CatalogEntry> of(
      ModelRunOptions options, List<String> arguments, List<String> outputs) {
    String workingDirectory = options.workingDirectory().toString();
    try {
      Optional<String> given = options.values().find(ModelOptions.SIGNATURE);
      BundleTemplate template =
          given.isPresent()
              ? BundleTemplate.parse(given.get(), workingDirectory)
              : BundleTemplate.standard();
      List<CatalogEntry> entries = new ArrayList<>();
      for (NamedModel model : ModelGlobs.expand(arguments, workingDirectory)) {
        boolean directory = template.dependsOnKind() && isDirectory(model.model());
        entries.add(
            new CatalogEntry(
                entries.size(),
                model.model(),
                model.name(),
                "",
                template.resolve(model.model(), directory, model.name(), "")));
      }
      EntryChecks.check(entries, outputs);
      return entries;
    } catch (CatalogException e) {
      throw new UsageException(e.getMessage(), e);
    }
  }

  /** What is not there, or cannot be asked, counts as a directory: the run says what is wrong. */
  private static boolean isDirectory(String model) {
    try {
      return Storages.forUri(model)
          .stat(model)
          .map(found -> found.kind() == StoredObject.Kind.DIRECTORY)
          .orElse(true);
    } catch (StorageException e) {
      return true;
    }
  }
}
