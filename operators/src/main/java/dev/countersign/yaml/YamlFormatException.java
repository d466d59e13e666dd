package dev.countersign.yaml;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.countersign.text.Message;
import java.io.Serial;

/**
 * A YAML file cannot be read, or has a form that is not taken. The message is the rest of a
 * sentence that begins with the file's name, and names line, rule and remedy; it quotes nothing
 * that is not printable.
 */
public final class YamlFormatException extends Exception {

  @Serial private static final long serialVersionUID = 1L;

  private final int line;

  @FormatMethod
  YamlFormatException(int line, @FormatString String message, Object... arguments) {
    super(Message.of(message, arguments));
    this.line = line;
  }

  /** Returns the line, from 1; 0 if it is not about one. */
  public int line() {
    return line;
  }
}
