package dev.countersign.source;

import dev.countersign.outcome.FaultSettings;
import dev.countersign.source.checkpoint.CommandFingerprint;
import dev.countersign.source.planning.PlanSettings;
import dev.countersign.source.reading.ReadSettings;
import dev.countersign.source.signals.RunSession;
import dev.countersign.source.units.WindowSettings;
import dev.countersign.text.Message;
import java.io.Serializable;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * How a run works on its models.
 *
 * @param command what the command does; only the same one resumes from the run's checkpoints
 * @param plan what is done with each model
 * @param window how much is planned ahead
 * @param read how readers read
 * @param faults what is done about faults
 * @param session what a disappeared process is judged within
 * @param again whether the run may have been begun before, by a process that was lost
 */
public record RunSettings(
    CommandFingerprint command,
    PlanSettings plan,
    WindowSettings window,
    ReadSettings read,
    FaultSettings faults,
    RunSession session,
    boolean again)
    implements Serializable {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** Returns a new id of a run: when it began, in UTC, and something random; ids sort by time. */
  public static String newRunId() {
    return Message.of(
        "%s-%08x", TIME.format(Clock.systemUTC().instant()), new SecureRandom().nextInt());
  }
}
