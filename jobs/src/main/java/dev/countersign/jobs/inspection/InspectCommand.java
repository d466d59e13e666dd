package dev.countersign.jobs.inspection;

import dev.countersign.catalog.CatalogException;
import dev.countersign.catalog.ModelGlobs;
import dev.countersign.catalog.NamedModel;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.ExitCode;
import dev.countersign.jobs.terminal.ShownModel;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.options.OutputFormat;
import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.OutputOptions;
import dev.countersign.options.settings.HadoopOptions;
import dev.countersign.options.settings.ModelRunOptions;
import dev.countersign.options.settings.OptionValues;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredObject;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shows the contents of bundles. Runs in this process, since nothing is hashed. */
public record InspectCommand(Console console, OptionValues values, Path workingDirectory) {

  private static final Logger LOG = LoggerFactory.getLogger(InspectCommand.class);

  private static final String NAME_IN_A_MODEL = "model.sig";

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
    FactsPrinter printer =
        values.get(OutputOptions.OUTPUT) == OutputFormat.JSON
            ? new JsonFacts(console)
            : new TextFacts(
                console,
                new ShownModel(workingDirectory.toString()),
                values.get(OutputOptions.MAX_LISTED));
    boolean all = true;
    try {
      for (NamedModel bundle : ModelGlobs.expand(bundles, workingDirectory.toString())) {
        all &= show(bundle.model(), bounds, printer);
      }
    } catch (CatalogException e) {
      throw new UsageException(e.getMessage(), e);
    }
    return all ? ExitCode.OK : ExitCode.MODEL_FAILED;
  }

  /**
   * Shows a bundle, or says why it cannot be shown.
   *
   * @param place the bundle, or a folder in which it is {@code model.sig}
   * @return whether it could be shown
   */
  private static boolean show(String place, OmsBounds bounds, FactsPrinter printer) {
    String uri = place;
    try {
      ModelStorage storage = Storages.forUri(place);
      Optional<StoredObject> found = storage.stat(place);
      if (found.isPresent() && found.get().kind() == StoredObject.Kind.DIRECTORY) {
        uri = Storages.child(place, NAME_IN_A_MODEL);
        if (storage.stat(uri).isEmpty()) {
          printer.fail(
              place,
              Message.of(
                  "This folder contains no %s. Name a signed model or a bundle; for the models in a"
                      + " folder, quote a glob such as 'models/*'.",
                  NAME_IN_A_MODEL));
          return false;
        }
      }
      BundleFacts facts =
          BundleInspector.inspect(uri, storage.readFully(uri, bounds.maxBundleBytes()), bounds);
      printer.print(facts);
      return true;
    } catch (StorageException | OmsException e) {
      printer.fail(uri, String.valueOf(e.getMessage()));
      return false;
    } catch (OutOfMemoryError e) {
      printer.fail(uri, String.valueOf(ModelFailure.outOfMemory(uri).getMessage()));
      return false;
    } catch (RuntimeException | StackOverflowError e) {
      // One bundle must not keep the others from being shown.
      LOG.error("Showing {} failed", Printable.of(uri), e);
      printer.fail(
          uri, "A fault of the program (" + e.getClass().getSimpleName() + "). Please report it.");
      return false;
    }
  }

  /** Prints what bundles say. */
  interface FactsPrinter {

    /** Prints one bundle. */
    void print(BundleFacts facts);

    /**
     * Says that a bundle cannot be shown.
     *
     * @param message why and what to do, escaped for terminals
     */
    void fail(String uri, String message);
  }
}
