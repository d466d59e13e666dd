package dev.countersign.catalog.conflicts;

import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.util.Comparator;

/**
 * Something of a run that lies somewhere.
 *
 * @param uri where it truly is
 * @param role what it is
 * @param owner id of the entry it belongs to; -1 for none
 * @param line line of the catalog that names it; 0 if none does
 * @param model URI of the model that it belongs to, as the user calls it; empty for an output
 * @param shown what the user calls it
 */
record Place(String uri, Role role, long owner, long line, String model, String shown) {

  /** What a place is, and what it is compared with. */
  enum Role {
    /** Where a model is, if it is not its name, which is a link. */
    MODEL(0),
    /** A model's name, if it is a link. */
    NAME(0),
    /** Where a model is, which is its name too. */
    NAMED_MODEL(0),
    /** Where a bundle goes. */
    BUNDLE(1),
    /** Where a bundle goes if the model is a directory. */
    BUNDLE_OF_DIRECTORY(1),
    /** Where a bundle goes if the model is a file. */
    BUNDLE_OF_FILE(1),
    /** A folder that the run writes. */
    OUTPUT(2);

    private final int rank;

    Role(int rank) {
      this.rank = rank;
    }

    boolean isModel() {
      return this == MODEL || this == NAMED_MODEL;
    }

    boolean isName() {
      return this == NAME || this == NAMED_MODEL;
    }

    boolean isBundle() {
      return rank == 1;
    }
  }

  /** What lies in a folder follows it at once; of one place, models come first, in their order. */
  static final Comparator<Place> ORDER =
      ((Comparator<Place>) (one, other) -> compareSegments(one.uri, other.uri))
          .thenComparingInt(place -> place.role.rank)
          .thenComparingLong(Place::owner)
          .thenComparing(Place::role);

  /** Returns about how many bytes of memory it takes. */
  long weight() {
    return 160L + 2L * (uri.length() + model.length() + shown.length());
  }

  /** Returns what to call it in a message. */
  String named() {
    return named(shown);
  }

  /** Returns what to call its model in a message. */
  String modelNamed() {
    return named(model);
  }

  private String named(String text) {
    return line == 0 ? Printable.of(text) : Message.of("%s (line %d)", Printable.of(text), line);
  }

  /** Orders texts as if the slash came before every other character. */
  private static int compareSegments(String one, String other) {
    int end = Math.min(one.length(), other.length());
    for (int i = 0; i < end; i++) {
      char a = one.charAt(i);
      char b = other.charAt(i);
      if (a != b) {
        return a == '/' ? -1 : b == '/' ? 1 : Character.compare(a, b);
      }
    }
    return Integer.compare(one.length(), other.length());
  }
}
