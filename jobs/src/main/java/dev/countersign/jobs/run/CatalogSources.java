package dev.countersign.jobs.run;

import dev.countersign.catalog.BundleTemplate;
import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.CatalogSource;
import dev.countersign.catalog.ListedEntries;
import dev.countersign.catalog.ModelGlobs;
import dev.countersign.catalog.NamedModel;
import dev.countersign.catalog.conflicts.EntryChecks;
import dev.countersign.catalog.file.CatalogFile;
import dev.countersign.catalog.watch.WatchSettings;
import dev.countersign.catalog.watch.WatchedModels;
import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.CatalogOptions;
import dev.countersign.options.settings.ModelRunOptions;
import dev.countersign.storage.Storages;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes the source of a run's entries of what the command line names. */
final class CatalogSources {

  private CatalogSources() {}

  /**
   * Returns the source, its entries checked against each other and against what the run writes.
   *
   * @param arguments paths, URIs and globs; none if there is a catalog
   * @param outputs URIs of the folders that the run writes
   * @param isNew whether the run begins, rather than going on
   * @throws UsageException if the arguments make no sense as a whole
   */
  static CatalogSource of(
      ModelRunOptions options, List<String> arguments, List<String> outputs, boolean isNew) {
    String workingDirectory = options.workingDirectory().toString();
    try {
      BundleTemplate template = options.bundles();
      Optional<String> catalog =
          options
              .values()
              .find(CatalogOptions.CATALOG)
              .map(file -> Storages.absolute(file, workingDirectory));
      Optional<WatchSettings> watch = options.watch();
      if (watch.isPresent()) {
        return catalog.isPresent()
            ? WatchedModels.listed(
                catalog.get(), options.entryRules(template), outputs, watch.get(), isNew)
            : WatchedModels.named(
                arguments, workingDirectory, template, outputs, watch.get(), isNew);
      }
      if (catalog.isPresent()) {
        return CatalogFile.check(catalog.get(), options.entryRules(template), outputs);
      }
      List<CatalogEntry> entries = new ArrayList<>();
      for (NamedModel model : ModelGlobs.expand(arguments, workingDirectory)) {
        entries.add(model.entry(entries.size(), template).settled());
      }
      EntryChecks.check(entries, outputs);
      return ListedEntries.of(entries);
    } catch (CatalogException e) {
      throw new UsageException(e.getMessage(), e);
    }
  }
}
