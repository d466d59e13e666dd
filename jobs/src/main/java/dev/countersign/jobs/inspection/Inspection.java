package dev.countersign.jobs.inspection;

import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.ShownModel;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredObject;
import dev.countersign.text.Printable;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens bundles where they lie and shows what they say, each by itself. */
public final class Inspection {

  private static final Logger LOG = LoggerFactory.getLogger(Inspection.class);

  private static final String NAME_IN_A_MODEL = "model.sig";

  private final OmsBounds bounds;
  private final FactsPrinter printer;

  private Inspection(OmsBounds bounds, FactsPrinter printer) {
    this.bounds = bounds;
    this.printer = printer;
  }

  /**
   * Returns an inspection for people.
   *
   * @param bounds what a bundle may not exceed
   * @param maxListed how many files or shards of a bundle are listed
   */
  public static Inspection inText(
      Console console, ShownModel shown, OmsBounds bounds, int maxListed) {
    return new Inspection(bounds, new TextFacts(console, shown, maxListed));
  }

  /** Returns an inspection that prints one JSON object for each bundle, whole. */
  public static Inspection inJson(Console console, OmsBounds bounds) {
    return new Inspection(bounds, new JsonFacts(console));
  }

  /**
   * Shows a bundle, or says why it cannot be shown.
   *
   * @param place the bundle, or a folder in which it is {@code model.sig}
   * @return whether it could be shown
   */
  public boolean show(String place) {
    String uri = place;
    try {
      ModelStorage storage = Storages.forUri(place);
      Optional<StoredObject> found = storage.stat(place);
      if (found.isPresent() && found.get().kind() == StoredObject.Kind.DIRECTORY) {
        uri = Storages.child(place, NAME_IN_A_MODEL);
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
}
