package dev.countersign.jobs.terminal;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version this build was made from, as its pom states it. */
public final class BuildVersion {

  private BuildVersion() {}

  public static String current() {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(JarText.read(BuildVersion.class, "version.properties")));
    } catch (IOException e) {
      throw new UncheckedIOException("a reader in memory failed", e);
    }
    return properties.getProperty("version", "unknown");
  }
}
