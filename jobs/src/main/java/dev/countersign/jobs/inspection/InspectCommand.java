package dev.countersign.jobs.inspection;

import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.ModelGlobs;
import dev.countersign.catalog.NamedModel;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.jobs.terminal.ShownModel;
import dev.countersign.oms.OmsBounds;
import dev.countersign.options.OutputFormat;
import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.OutputOptions;
import dev.countersign.options.settings.HadoopOptions;
import dev.countersign.options.settings.ModelRunOptions;
import dev.countersign.options.settings.OptionValues;
import dev.countersign.storage.Storages;
import java.nio.file.Path;
import java.util.List;

/** Shows what bundles say. Runs in this process: there is nothing to hash. */
public final class InspectCommand {

  private final Console console;
  private final OptionValues values;
  private final Path workingDirectory;

  public InspectCommand(Console console, OptionValues values, Path workingDirectory) {
    this.console = console;
    this.values = values;
    this.workingDirectory = workingDirectory;
  }

  /**
   * Shows bundles.
   *
   * @param bundles paths, URIs and globs
   * @return the exit code
   * @throws UsageException if a glob matches nothing
   */
  public int run(List<String> bundles) {
    Storages.configure(HadoopOptions.of(values));
    OmsBounds bounds = ModelRunOptions.bounds(values);
    Inspection inspection =
        values.get(OutputOptions.OUTPUT) == OutputFormat.JSON
            ? Inspection.inJson(console, bounds)
            : Inspection.inText(
                console,
                new ShownModel(workingDirectory.toString()),
                bounds,
                values.get(OutputOptions.MAX_LISTED));
    boolean all = true;
    try {
      for (NamedModel bundle : ModelGlobs.expand(bundles, workingDirectory.toString())) {
        all &= inspection.show(bundle.model());
      }
    } catch (CatalogException e) {
      throw new UsageException(e.getMessage(), e);
    }
    return all ? ExitCode.OK : ExitCode.MODEL_FAILED;
  }
}
