package dev.countersign.jobs.run;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Names of runs: when they began, in UTC, and something random, so that they sort by time. */
final class RunId {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private RunId() {}

  static String create() {
    return String.format(
        Locale.ROOT,
        "%s-%08x",
        TIME.format(Clock.systemUTC().instant()),
        new SecureRandom().nextInt());
  }
}
