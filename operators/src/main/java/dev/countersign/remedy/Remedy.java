package dev.countersign.remedy;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;

/**
 * What to do about a failure: sentences that name settings, each to be worded for the reader.
 *
 * @param format the sentences, with {@code %s} for each part
 * @param parts texts, settings, or remedies
 */
public record Remedy(String format, List<Serializable> parts) implements Serializable {

  /** No remedy. */
  public static final Remedy NONE = of("");

  public Remedy {
    parts = List.copyOf(parts);
  }

  /** Returns the remedy of these parts. */
  public static Remedy of(String format, Serializable... parts) {
    return new Remedy(format, List.of(parts));
  }

  /** Returns a remedy whose sentences name no setting. */
  public static Remedy text(String sentences) {
    return of("%s", sentences);
  }

  /** Returns this remedy with another after it. */
  public Remedy then(Remedy other) {
    if (equals(NONE) || other.equals(NONE)) {
      return equals(NONE) ? other : this;
    }
    return of("%s %s", this, other);
  }

  /** Returns the sentences for readers of that wording. */
  public String in(Wording wording) {
    return String.format(
        Locale.ROOT, format, parts.stream().map(part -> word(part, wording)).toArray());
  }

  /** Returns the sentences for the program's users. */
  @Override
  public String toString() {
    return in(Setting::toString);
  }

  private static Object word(Serializable part, Wording wording) {
    if (part instanceof Setting setting) {
      return wording.of(setting);
    }
    return part instanceof Remedy remedy ? remedy.in(wording) : part;
  }
}
