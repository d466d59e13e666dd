package dev.countersign.source.content;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.oms.IgnoreRules;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.OmsException;
import dev.countersign.oms.Serialization;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.schemas.FailureReason;
import dev.countersign.text.Printable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The ignored paths of a statement that is made from another one: those that were signed, word for
 * word, and where the bundle lies. If none were recorded, what Git keeps at the root takes their
 * place, as it does when verifying, but for what is signed all the same.
 */
public final class CarriedPaths {

  /** What they may take in one work unit, in bytes. */
  private static final int MAX_BYTES = 1 << 20;

  private CarriedPaths() {}

  /**
   * Returns the paths to record.
   *
   * @throws ModelFailure if they are too many to be passed on
   */
  public static List<String> of(CatalogEntry entry, Manifest manifest)
      throws OmsException, ModelFailure {
    Serialization signed = manifest.serialization();
    Set<String> paths = new LinkedHashSet<>(signed.ignorePaths());
    Optional<String> bundle = Optional.of(entry.bundle());
    if (signed.ignorePathsRecorded()) {
      paths.addAll(
          IgnoreRules.forSigning(entry.model(), List.of(), entry.model(), false, bundle)
              .recorded());
    } else {
      paths.addAll(
          IgnoreRules.forVerification(entry.model(), signed, List.of(), entry.model(), bundle)
              .recorded());
      manifest.resources().forEach(resource -> removeAbove(resource.path(), paths));
    }
    long bytes = 0;
    for (String path : paths) {
      bytes += 3L * path.length() + 2;
    }
    if (bytes > MAX_BYTES) {
      throw new ModelFailure(
          FailureReason.LIMIT_EXCEEDED,
          String.format(
              Locale.ROOT,
              "%s ignores %d paths, which is more than can carry over (1 MiB).",
              Printable.of(entry.bundle()),
              paths.size()),
          Remedy.of("Sign the model anew with fewer %s.", Setting.IGNORE_PATHS));
    }
    return new ArrayList<>(paths);
  }

  private static void removeAbove(String path, Set<String> paths) {
    paths.remove(path);
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      paths.remove(path.substring(0, slash));
    }
  }
}
