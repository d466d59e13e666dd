package dev.countersign.jobs.cli;

import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.OutputOptions;
import dev.countersign.options.settings.OptionValues;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.appender.ConsoleAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.builder.api.AppenderComponentBuilder;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilder;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilderFactory;
import org.apache.logging.log4j.core.config.builder.api.RootLoggerComponentBuilder;
import org.apache.logging.log4j.core.config.builder.impl.BuiltConfiguration;

/**
 * Sets up the log of a process that is ours alone. It must be called before anything logs. Where no
 * log is asked for, log4j's core, which takes a tenth of a start, is not even loaded.
 */
final class LogSetup {

  /** What moves the cursor, hides text or turns its direction, but for tabs and line feeds. */
  private static final String HARMFUL =
      "\\x00-\\x08\\x0B-\\x1F\\x7F-\\x9F\\u061C\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\uFEFF";

  /** Line feeds that begin no line of a stack trace. */
  private static final String FORGED =
      "\\n(?!\\s*at |\\s*\\.\\.\\. |\\s*Caused by: |\\s*Suppressed: |\\z)";

  /**
   * Messages and causes may hold names from outside, such as those in the JDK's exceptions: what
   * could command a terminal or forge a line becomes a question mark.
   */
  static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSS} %-5p %c{1.} - %replace{%m}{[\\t\\n"
          + HARMFUL
          + "]}{?}%n%replace{%xEx}{["
          + HARMFUL
          + "]|"
          + FORGED
          + "}{?}";

  private LogSetup() {}

  /** Logs nothing, unless {@link #apply} is called later with a place for a log. */
  static void quiet() {
    setUnlessSet("log4j2.disableJmx", "true");
    setUnlessSet("log4j2.statusLoggerLevel", "OFF");
    setUnlessSet("log4j.provider", "org.apache.logging.log4j.simple.internal.SimpleProvider");
    setUnlessSet("org.apache.logging.log4j.simplelog.level", "OFF");
  }

  /**
   * Sends the log to where the options say.
   *
   * @param workingDirectory what a relative file is relative to
   * @throws UsageException if the file cannot be written
   */
  static void apply(OptionValues values, Path workingDirectory) {
    boolean verbose = values.get(OutputOptions.VERBOSE);
    Optional<Path> file =
        values.find(OutputOptions.LOG_FILE).map(name -> writable(name, workingDirectory));
    if (!verbose && file.isEmpty()) {
      quiet();
      return;
    }
    setUnlessSet("log4j2.disableJmx", "true");
    ConfigurationBuilder<BuiltConfiguration> builder =
        ConfigurationBuilderFactory.newConfigurationBuilder();
    builder.setStatusLevel(Level.ERROR);
    RootLoggerComponentBuilder root =
        builder.newRootLogger(Level.valueOf(values.get(OutputOptions.LOG_LEVEL).name()));
    if (verbose) {
      root.add(builder.newAppenderRef("stderr"));
      builder.add(
          appender(builder, "stderr", "CONSOLE")
              .addAttribute("target", ConsoleAppender.Target.SYSTEM_ERR));
    }
    if (file.isPresent()) {
      root.add(builder.newAppenderRef("file"));
      builder.add(
          appender(builder, "file", "FILE")
              .addAttribute("fileName", file.get().toString())
              .addAttribute("append", true));
    }
    builder.add(root);
    var unused = Configurator.initialize(builder.build());
  }

  private static AppenderComponentBuilder appender(
      ConfigurationBuilder<BuiltConfiguration> builder, String name, String plugin) {
    return builder
        .newAppender(name, plugin)
        .add(builder.newLayout("PatternLayout").addAttribute("pattern", PATTERN));
  }

  private static Path writable(String name, Path workingDirectory) {
    try {
      Path file = workingDirectory.resolve(name);
      try (OutputStream out =
          Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        out.flush();
      }
      return file;
    } catch (IOException | InvalidPathException e) {
      throw new UsageException(
          Message.of(
              "--log-file %s cannot be written (%s). Name a file in a folder that you may write"
                  + " to.",
              Printable.of(name), e.getClass().getSimpleName()),
          e);
    }
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
