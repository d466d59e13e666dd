package dev.countersign.jobs.terminal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Reads texts that are stored in the jar beside the classes that use them. */
public final class JarText {

  private JarText() {}

  /**
   * Returns a text in UTF-8.
   *
   * @throws IllegalStateException if it is missing: the jar was built wrong
   */
  public static String read(Class<?> beside, String name) {
    try (InputStream in = beside.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing from the jar: build it with Maven");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("cannot read " + name + " from the jar", e);
    }
  }
}
