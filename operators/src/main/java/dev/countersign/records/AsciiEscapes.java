package dev.countersign.records;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;

/**
 * Escapes for JSON that a terminal may print: all but printable ASCII, U+007F among them, and
 * characters that one asks for.
 */
public final class AsciiEscapes extends CharacterEscapes {

  private static final long serialVersionUID = 1L;

  private static final int LAST_PRINTABLE = 126;

  private static final int DELETE = 127;

  private final int[] codes = CharacterEscapes.standardAsciiEscapesForJSON();

  /** Returns a factory of such JSON that escapes {@code more}, too, which must be ASCII. */
  public static JsonFactory factory(String more) {
    return new JsonFactoryBuilder()
        .characterEscapes(new AsciiEscapes(more))
        .highestNonEscapedChar(LAST_PRINTABLE)
        .build();
  }

  private AsciiEscapes(String more) {
    codes[DELETE] = ESCAPE_STANDARD;
    more.chars().forEach(character -> codes[character] = ESCAPE_STANDARD);
  }

  @Override
  public int[] getEscapeCodesForAscii() {
    return codes.clone();
  }

  @Override
  @SuppressWarnings("NullAway") // Jackson documents null as: none of its own, only the standard's
  public SerializableString getEscapeSequence(int character) {
    return null;
  }
}
