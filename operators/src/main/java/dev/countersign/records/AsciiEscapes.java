package dev.countersign.records;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;

/**
 * What JSON escapes beside what it must: U+007F, which a terminal takes for a command, and
 * characters that one asks for. Those beyond ASCII are the generator's, see {@code
 * setHighestNonEscapedChar}.
 */
public final class AsciiEscapes extends CharacterEscapes {

  private static final long serialVersionUID = 1L;

  private static final int DELETE = 127;

  private final int[] codes = CharacterEscapes.standardAsciiEscapesForJSON();

  /** Escapes {@code more}, too, which must be ASCII. */
  public AsciiEscapes(String more) {
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
