package dev.countersign.options;

import dev.countersign.outcome.FailureLimit;
import dev.countersign.verification.CertificateTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.util.TimeUtils;

/**
 * How the text of one value is read and written.
 *
 * @param label what stands for the value in help, such as {@code FILE}; empty for a switch
 * @param rule what a value must be, as the rest of a sentence that ends in "must be"
 * @param reader makes a value of a text, or nothing if the text breaks the rule
 * @param writer makes a text of a value, such that the reader takes it
 */
public record ValueType<T>(
    String label, String rule, Function<String, Optional<T>> reader, Function<T, String> writer) {

  private static final int LAST_PORT = 65_535;

  /** A switch. */
  public static final ValueType<Boolean> SWITCH =
      new ValueType<>("", "true or false", ValueType::readSwitch, String::valueOf);

  /** A size in bytes, with or without a unit; positive. */
  public static final ValueType<MemorySize> SIZE =
      new ValueType<>(
          "SIZE",
          "a size above 0: bytes, or a number with a unit as in 64 MiB",
          text ->
              reading(() -> MemorySize.parse(spelledSize(text)))
                  .filter(size -> size.getBytes() > 0),
          ValueType::writeSize);

  /** A length of time; positive. */
  public static final ValueType<Duration> TIME =
      new ValueType<>(
          "TIME",
          "a time above 0 with a unit, as in 30 s or 5 min",
          // Flink takes a number alone for milliseconds, which nobody means.
          text ->
              reading(() -> TimeUtils.parseDuration(text))
                  .filter(time -> text.chars().anyMatch(Character::isLetter))
                  .filter(time -> !time.isZero() && !time.isNegative()),
          TimeUtils::formatWithHighestUnit);

  /** When certificates must be valid. */
  public static final ValueType<String> CERTIFICATE_TIME =
      new ValueType<>(
          "now|not-before|TIME",
          "now, not-before, or a time with its offset from UTC as in 2026-03-01T12:00:00Z",
          text -> CertificateTime.parse(text).map(CertificateTime::text),
          Function.identity());

  /** How many models may fail. */
  public static final ValueType<String> FAILURE_LIMIT =
      new ValueType<>(
          "N|N%",
          "a whole number from 0 on, or a percentage from 0% to 100%, as in 50 or 2.5%",
          text -> FailureLimit.parse(text).map(FailureLimit::text),
          Function.identity());

  /** Text of any kind, except none. */
  public static ValueType<String> text(String label) {
    return text(label, "some text; it is empty", text -> !text.isEmpty());
  }

  /** Text that follows a rule. */
  public static ValueType<String> text(String label, String rule, Predicate<String> follows) {
    return new ValueType<>(
        label, rule, text -> Optional.of(text).filter(follows), Function.identity());
  }

  /** A whole number from {@code least} on. */
  public static ValueType<Integer> number(int least) {
    return number(least, Integer.MAX_VALUE);
  }

  /** A whole number from {@code least} to {@code greatest}. */
  public static ValueType<Integer> number(int least, int greatest) {
    return new ValueType<>(
        "N",
        "a whole number from " + least + " to " + greatest,
        text ->
            reading(() -> Integer.valueOf(text))
                .filter(number -> number >= least && number <= greatest),
        String::valueOf);
  }

  /** A port to listen on; 0 for any that is free. */
  public static ValueType<Integer> port() {
    return new ValueType<>(
        "PORT",
        "a port from 0 to 65535",
        text -> reading(() -> Integer.valueOf(text)).filter(port -> port >= 0 && port <= LAST_PORT),
        String::valueOf);
  }

  /** A whole number from {@code least} on that may be large. */
  public static ValueType<Long> count(long least) {
    return new ValueType<>(
        "N",
        "a whole number from " + least + " on",
        text -> reading(() -> Long.valueOf(text)).filter(number -> number >= least),
        String::valueOf);
  }

  /** One of the constants of an enum, by its name in lower case. */
  public static <E extends Enum<E>> ValueType<E> choice(Class<E> type) {
    return choice(type, constant -> constant.name().toLowerCase(Locale.ROOT));
  }

  /** One of the constants of an enum, by the name that {@code named} gives. */
  public static <E extends Enum<E>> ValueType<E> choice(Class<E> type, Function<E, String> named) {
    E[] constants = type.getEnumConstants();
    String names = Arrays.stream(constants).map(named).collect(Collectors.joining("|"));
    return new ValueType<>(
        names,
        "one of " + names.replace("|", ", "),
        text ->
            Arrays.stream(constants)
                .filter(constant -> named.apply(constant).equalsIgnoreCase(text))
                .findFirst(),
        named);
  }

  private static Optional<Boolean> readSwitch(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> Optional.of(true);
      case "false" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  /** Flink spells binary units as kb or kibibytes; KiB is what we print. */
  private static String spelledSize(String text) {
    return text.toLowerCase(Locale.ROOT).replaceFirst("([kmgt])ib$", "$1b");
  }

  private static String writeSize(MemorySize size) {
    long bytes = size.getBytes();
    String[] units = {"", " KiB", " MiB", " GiB", " TiB"};
    int unit = 0;
    while (unit < units.length - 1 && bytes % 1024 == 0) {
      bytes /= 1024;
      unit++;
    }
    return bytes + units[unit];
  }

  /** Returns what is read; empty if that throws because of the text. */
  private static <V> Optional<V> reading(Supplier<V> reading) {
    try {
      return Optional.of(reading.get());
    } catch (IllegalArgumentException | ArithmeticException e) {
      return Optional.empty();
    }
  }
}
