package dev.countersign.source.units;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.Verdict;
import dev.countersign.schemas.WorkUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What planning one model came to: units to do, or a verdict.
 *
 * @param header the model
 * @param units what to do, numbered by position; empty if there is a verdict
 * @param verdict how the model ends without reading it, or null
 * @param fingerprint identifies the listing and bundle that the plan rests on, and the units that
 *     it cuts these into; without spaces
 * @param bytes how many bytes the units read
 * @param weight about how many bytes the units take serialized
 * @param largestFile bytes of the largest file that one unit reads from its first byte to its last
 * @param hosts for each unit the machines that hold at least half of what it reads; empty if there
 *     is a verdict
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
    long largestFile,
    List<List<String>> hosts,
    boolean isTransient) {

  /** Begins the part of a fingerprint that identifies the units. */
  private static final char CUT = '#';

  /** A model that ends well without being read. */
  public static ModelPlan decided(ModelHeader header, Outcome outcome, String message) {
    Verdict verdict = new Verdict(outcome, FailureReason.NONE, message);
    return new ModelPlan(header, List.of(), verdict, "", 0, 0, 0, List.of(), false);
  }

  public static ModelPlan failed(ModelHeader header, ModelFailure failure) {
    return new ModelPlan(
        header, List.of(), failure.verdict(), "", 0, 0, 0, List.of(), failure.isTransient());
  }

  /** The verdict, which says how often planning was tried if that was more than once; or null. */
  @Nullable
  public Verdict verdictAfter(int tries) {
    return verdict == null || !isTransient
        ? verdict
        : new ModelFailure(verdict.getReason(), verdict.getMessage()).afterTries(tries).verdict();
  }

  /**
   * A model to read.
   *
   * @param content identifies the listing and bundle that the plan rests on
   */
  public static ModelPlan of(UnitCutter.Cut cut, ModelHeader header, String content) {
    return new ModelPlan(
        header,
        cut.units(),
        null,
        content + CUT + cut.fingerprint(),
        cut.bytes(),
        cut.weight(),
        cut.largestFile(),
        cut.hosts(),
        false);
  }

  /**
   * Returns whether another plan's fingerprint is of the same listing and bundle, whatever units
   * that plan had. Plans of earlier versions do not identify their units.
   */
  public boolean hasContentOf(String other) {
    return content(fingerprint).equals(content(other));
  }

  private static String content(String fingerprint) {
    int cut = fingerprint.lastIndexOf(CUT);
    return cut < 0 ? fingerprint : fingerprint.substring(0, cut);
  }

  /** Says everywhere how many requests to object stores planning took, by kind. */
  public void setRequests(Map<String, Long> requests) {
    header.setRequests(requests);
    units.forEach(unit -> unit.getHeader().setRequests(requests));
  }

  /** Says everywhere which attempt this is: a unit may have a header of its own. */
  public void setAttempt(int attempt) {
    header.setAttempt(attempt);
    units.forEach(unit -> unit.getHeader().setAttempt(attempt));
  }
}
