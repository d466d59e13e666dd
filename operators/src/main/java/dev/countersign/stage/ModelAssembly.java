package dev.countersign.stage;

import dev.countersign.outcome.RecordedDifferences;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceCounts;
import dev.countersign.schemas.UnitRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Merges the records of a model's units into one; the order in which they came does not matter. */
final class ModelAssembly {

  private static final Comparator<Difference> BY_KIND_AND_NAME =
      Comparator.comparing(Difference::getKind).thenComparing(Difference::getName);

  private ModelAssembly() {}

  /** The record of a model that is decided, whatever else was read of it. */
  static AssembledModel decided(UnitRecord verdict) {
    AssembledModel model = begin(verdict);
    model.setVerdict(verdict.getVerdict());
    model.setRetries(verdict.getRetries());
    return model;
  }

  /**
   * Merges the units of a model.
   *
   * @param units all of them, each once, at least one
   * @param maxDifferences how many differences to keep, if their texts are not too long; the counts
   *     stay exact
   */
  static AssembledModel merge(List<UnitRecord> units, int maxDifferences) {
    List<UnitRecord> inOrder = new ArrayList<>(units);
    inOrder.sort(Comparator.comparingInt(UnitRecord::getUnit));
    AssembledModel model = begin(inOrder.get(0));
    DifferenceCounts counts = model.getCounts();
    for (UnitRecord unit : inOrder) {
      model.getDigests().addAll(unit.getDigests());
      model.getDifferences().addAll(unit.getDifferences());
      model.setRetries(model.getRetries() + unit.getRetries());
      model.setBytes(model.getBytes() + unit.getBytes());
      model.setFiles(model.getFiles() + unit.getFiles());
      model.setLfsPointers(model.getLfsPointers() + unit.getLfsPointers());
      DifferenceCounts found = unit.getCounts();
      if (found != null) {
        counts.setMissing(counts.getMissing() + found.getMissing());
        counts.setExtra(counts.getExtra() + found.getExtra());
        counts.setChanged(counts.getChanged() + found.getChanged());
        counts.setLinkedDirectories(counts.getLinkedDirectories() + found.getLinkedDirectories());
      }
    }
    List<Difference> differences = model.getDifferences();
    differences.sort(BY_KIND_AND_NAME);
    RecordedDifferences kept = new RecordedDifferences(maxDifferences);
    kept.addAll(differences);
    model.setDifferences(kept.list());
    return model;
  }

  private static AssembledModel begin(UnitRecord unit) {
    AssembledModel model = new AssembledModel();
    model.setHeader(unit.getHeader());
    model.setDigests(new ArrayList<>());
    model.setDifferences(new ArrayList<>());
    model.setCounts(new DifferenceCounts(0L, 0L, 0L, 0L));
    return model;
  }
}
