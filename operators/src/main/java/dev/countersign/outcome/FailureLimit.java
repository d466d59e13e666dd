package dev.countersign.outcome;

import java.io.Serializable;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many models may fail before a run ends early: a number, or a part of all models of the run.
 * One more than that ends it, so that 0 ends it at the first failure.
 *
 * @param models how many models may fail; -1 if {@code thousandths} says
 * @param thousandths how many thousandths of a percent of all models may fail; -1 if {@code models}
 *     says; both are -1 if all may fail
 */
public record FailureLimit(long models, int thousandths) implements Serializable {

  /** All models may fail. */
  public static final FailureLimit NONE = new FailureLimit(-1, -1);

  /** A whole number, or a percentage with at most three decimals. */
  private static final Pattern TEXT =
      Pattern.compile("(?<models>\\d{1,18})|(?<percent>\\d{1,3}(\\.\\d{1,3})?) ?%");

  private static final int DECIMALS = 3;

  /** What a percentage is multiplied with to get a number of models, in thousandths. */
  private static final long ALL = 100_000;

  /** Reads {@code 50} or {@code 2.5%}; empty for anything else, such as more than 100 %. */
  public static Optional<FailureLimit> parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    if (matcher.group("models") != null) {
      return Optional.of(new FailureLimit(Long.parseLong(matcher.group("models")), -1));
    }
    int thousandths =
        new BigDecimal(matcher.group("percent")).movePointRight(DECIMALS).intValueExact();
    return thousandths > ALL ? Optional.empty() : Optional.of(new FailureLimit(-1, thousandths));
  }

  /** Returns what {@link #parse} reads; empty for {@link #NONE}. */
  public String text() {
    if (models >= 0) {
      return Long.toString(models);
    }
    return thousandths < 0
        ? ""
        : BigDecimal.valueOf(thousandths, DECIMALS).stripTrailingZeros().toPlainString() + "%";
  }

  /** Tells whether all models may fail. */
  public boolean isNone() {
    return models < 0 && thousandths < 0;
  }

  /**
   * Tells whether more have failed than may. Exact: nothing is rounded.
   *
   * @param failed how many models have failed
   * @param total how many models the run has
   */
  public boolean isExceededBy(long failed, long total) {
    if (models >= 0) {
      return failed > models;
    }
    return thousandths >= 0
        && BigDecimal.valueOf(failed)
                .multiply(BigDecimal.valueOf(ALL))
                .compareTo(BigDecimal.valueOf(total).multiply(BigDecimal.valueOf(thousandths)))
            > 0;
  }
}
