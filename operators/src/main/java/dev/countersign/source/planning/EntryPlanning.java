package dev.countersign.source.planning;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.listings.ListingScope;
import dev.countersign.oms.Serialization;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.source.units.ModelPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Notes of what planning has found out about one entry. The model's header is made of them once,
 * when the plan ends in whatever way. Not thread safe.
 */
final class EntryPlanning {

  private final PlanSettings settings;
  private final long started;
  private final List<Consumer<ModelHeader>> findings = new ArrayList<>();
  private CatalogEntry entry;

  /** Begins planning an entry, at a time in milliseconds since the epoch. */
  EntryPlanning(PlanSettings settings, CatalogEntry entry, long started) {
    this.settings = settings;
    this.entry = entry;
    this.started = started;
  }

  CatalogEntry entry() {
    return entry;
  }

  long started() {
    return started;
  }

  /** Notes the same entry, more of which is known. */
  void settle(CatalogEntry settled) {
    entry = settled;
  }

  /** Notes something about the model, which overrides what was noted about the same before. */
  void found(Consumer<ModelHeader> finding) {
    findings.add(finding);
  }

  /** Notes how the model is cut and hashed. */
  void found(Serialization serialization) {
    found(header -> describe(header, serialization));
  }

  /** Notes that the caller switched a check off, by the option. */
  void weakened(String option) {
    found(header -> header.getWeakened().add(option));
  }

  /** Says how a model is cut and hashed. */
  static void describe(ModelHeader header, Serialization serialization) {
    header.setMethod(serialization.method().omsName());
    header.setHashType(serialization.hash().omsName());
    header.setShardSize(serialization.shardSize());
  }

  /** Returns what must be the same in an earlier run for its digests to be taken over. */
  ListingScope scope(Serialization serialization, boolean followsLinks, String ignoreSet) {
    return new ListingScope(
        entry.model(),
        settings.operation(),
        serialization.hash().omsName(),
        serialization.method().omsName(),
        serialization.shardSize(),
        followsLinks,
        ignoreSet);
  }

  /** Returns the plan of a model that failed. */
  ModelPlan failed(ModelFailure failure) {
    return ModelPlan.failed(header(), failure);
  }

  /** Returns the plan of a model that is not read. */
  ModelPlan decided(Outcome outcome, String message) {
    return ModelPlan.decided(header(), outcome, message);
  }

  /** Returns the model's header, as far as it is known. */
  ModelHeader header() {
    ModelHeader header =
        ModelHeader.newBuilder()
            .setEntryId(entry.id())
            .setOperation(settings.operation())
            .setModel(entry.model())
            .setName(entry.name())
            .setVersion(entry.version())
            .setLine(entry.line())
            .setLabels(entry.labels())
            .setBundle(entry.bundle())
            .setStarted(started)
            .setWeakened(settings.weakened())
            .build();
    // Of signing again the bundle decides; ResignPlanner says where it is the catalog after all.
    if (settings.operation() != Operation.RESIGN && !entry.ignorePaths().isEmpty()) {
      header.getWeakened().add(PlanSettings.ALLOW_CATALOG_IGNORES);
    }
    findings.forEach(finding -> finding.accept(header));
    return header;
  }
}
