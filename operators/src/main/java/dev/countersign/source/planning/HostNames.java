package dev.countersign.source.planning;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.FailureReason;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Names that are canonical in OMS and mean something else on this host, such as a device on
 * Windows. They are refused there, whether a bundle or a listing holds them, so that no later hand
 * opens them.
 */
final class HostNames {

  private static final boolean ON_WINDOWS = System.getProperty("os.name", "").startsWith("Windows");

  /** Separators, streams and wildcards, and what no file there can be called. */
  private static final Pattern FORBIDDEN = Pattern.compile("[\\\\:*?\"<>|\\x00-\\x1F]");

  /** Devices are found in every folder, whatever follows the first dot; superscripts count too. */
  private static final Pattern DEVICE =
      Pattern.compile(
          "(CON|PRN|AUX|NUL|CONIN\\$|CONOUT\\$|CLOCK\\$|(COM|LPT)[0-9\u00B9\u00B2\u00B3])"
              + " *(\\..*)?",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private HostNames() {}

  /**
   * Requires that all names mean themselves on this host.
   *
   * @param model whose names they are
   */
  static void require(String model, Stream<String> names) throws ModelFailure {
    require(model, names, ON_WINDOWS);
  }

  static void require(String model, Stream<String> names, boolean onWindows) throws ModelFailure {
    if (!onWindows) {
      return;
    }
    Optional<String> bad = names.filter(name -> fault(name).isPresent()).findFirst();
    if (bad.isPresent()) {
      throw new ModelFailure(
          FailureReason.BAD_NAME,
          Message.of(
              "The name %s of %s %s. Rename the file, or verify the model on another system.",
              Printable.of(bad.get()), Printable.of(model), fault(bad.get()).orElse("")));
    }
  }

  private static Optional<String> fault(String name) {
    return Stream.of(name.split("/", -1))
        .flatMap(segment -> segmentFault(segment).stream())
        .findFirst();
  }

  private static Optional<String> segmentFault(String segment) {
    if (FORBIDDEN.matcher(segment).find()) {
      return Optional.of("holds a character that Windows does not take for part of a name");
    }
    if (segment.endsWith(".") || segment.endsWith(" ")) {
      return Optional.of("has a segment that ends in a dot or a space, which Windows drops");
    }
    if (DEVICE.matcher(segment).matches()) {
      return Optional.of("has a segment that is a device on Windows");
    }
    return Optional.empty();
  }
}
