package dev.countersign.source.units;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.Verdict;
import dev.countersign.schemas.WorkUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What planning one model came to: units to do, or a verdict.
 *
 * @param header the model
 * @param units what to do, numbered by position; empty if there is a verdict
 * @param verdict how the model ends without reading it, or null
 * @param fingerprint identifies the listing and bundle that the plan rests on; the same plan cuts
 *     into the same units
 * @param bytes how many bytes the units read
 * @param weight about how many bytes the units take serialized
 * @param isTransient whether there is a verdict for a reason that may pass, so that planning once
 *     more may end otherwise
 */
public record ModelPlan(
    ModelHeader header,
    List<WorkUnit> units,
    @Nullable Verdict verdict,
    String fingerprint,
    long bytes,
    long weight,
    boolean isTransient) {

  /** A model that ends well without being read. */
  public static ModelPlan decided(ModelHeader header, Outcome outcome, String message) {
    Verdict verdict = new Verdict(outcome, FailureReason.NONE, message);
    return new ModelPlan(header, List.of(), verdict, "", 0, 0, false);
  }

  public static ModelPlan failed(ModelHeader header, ModelFailure failure) {
    return new ModelPlan(header, List.of(), failure.verdict(), "", 0, 0, failure.isTransient());
  }

  /** The verdict, which says how often planning was tried if that was more than once; or null. */
  @Nullable
  public Verdict verdictAfter(int tries) {
    return verdict == null || !isTransient
        ? verdict
        : new ModelFailure(verdict.getReason(), verdict.getMessage()).afterTries(tries).verdict();
  }

  public static ModelPlan of(UnitCutter.Cut cut, ModelHeader header, String fingerprint) {
    return new ModelPlan(header, cut.units(), null, fingerprint, cut.bytes(), cut.weight(), false);
  }

  /** Says everywhere which attempt this is: a unit may have a header of its own. */
  public void setAttempt(int attempt) {
    header.setAttempt(attempt);
    units.forEach(unit -> unit.getHeader().setAttempt(attempt));
  }
}
