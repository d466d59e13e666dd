package dev.countersign.jobs.cli;

import dev.countersign.hashing.HashKernel;
import dev.countersign.hashing.HashKernels;
import dev.countersign.jobs.terminal.BuildVersion;
import java.util.Locale;
import org.apache.flink.runtime.util.EnvironmentInformation;

/** What {@code --version} says. */
final class VersionText {

  private VersionText() {}

  static String current() {
    StringBuilder text = new StringBuilder();
    text.append("countersign ").append(BuildVersion.current()).append('\n');
    text.append("Java        ")
        .append(Runtime.version())
        .append(" (")
        .append(System.getProperty("java.vendor", "unknown"))
        .append(")\n");
    text.append("Flink       ").append(EnvironmentInformation.getVersion()).append('\n');
    for (HashKernel kernel : HashKernels.all()) {
      text.append(
          String.format(Locale.ROOT, "%-11s %s%n", kernel.algorithm(), kernel.description()));
    }
    return text.toString();
  }
}
