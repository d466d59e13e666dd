package dev.countersign.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.file.CatalogFile;
import java.io.BufferedWriter;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a long catalog costs, in a process whose heap could not hold it. */
final class CatalogCostITCase {

  private static final int LINES = 200_000;

  @TempDir Path lake;

  @Test
  void check_ofALongCatalog_takesLittleMemoryAndSeconds() throws Exception {
    Path catalog = write(LINES, "");

    String answer = child(catalog);

    assertThat(answer).startsWith("size " + LINES + " read " + LINES + " ");
    assertThat(Long.parseLong(answer.substring(answer.lastIndexOf(' ') + 1)))
        .as("milliseconds of CPU: a million lines have a minute")
        .isLessThan(60_000 / (1_000_000 / LINES));
  }

  @Test
  void check_ofALongCatalogWithOneNestedModel_findsIt() throws Exception {
    Path catalog = write(LINES, "group-17/model-000000000000000000000000000017/part,t\n");

    assertThat(child(catalog))
        .contains(
            "/part (line " + (LINES + 2) + ") is inside the model ",
            "/group-17/model-000000000000000000000000000017 (line 19)");
  }

  private Path write(int lines, String last) throws Exception {
    Path catalog = lake.resolve("catalog.csv");
    try (BufferedWriter writer = Files.newBufferedWriter(catalog)) {
      writer.write("model,team\n");
      for (int i = 0; i < lines; i++) {
        writer.write(String.format(Locale.ROOT, "group-%d/model-%030d,vision\n", i % 500, i));
      }
      writer.write(last);
    }
    return catalog;
  }

  private String child(Path catalog) throws Exception {
    Path log = lake.resolve("log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                catalog.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    boolean ended = process.waitFor(3, TimeUnit.MINUTES);
    process.destroyForcibly();

    String output = Files.readString(log);
    assertThat(ended).as("ended: %s", output).isTrue();
    assertThat(process.exitValue()).as("exit code: %s", output).isZero();
    return output.strip().lines().reduce((first, second) -> second).orElse("");
  }

  /** Checks a catalog and reads it once more, and says what that came to. */
  static final class Child {
    public static void main(String[] arguments) throws Exception {
      EntryRules rules =
          new EntryRules(
              BundleTemplate.standard(), List.of(), List.of(), EntryRules.Ignores.ALLOWED);
      ThreadMXBean threads = ManagementFactory.getThreadMXBean();
      long start = threads.getCurrentThreadCpuTime();
      CatalogFile catalog;
      try {
        catalog = CatalogFile.check(arguments[0], rules, List.of("/no-such/results"));
      } catch (CatalogException e) {
        System.out.println(e.getMessage());
        return;
      }
      long taken = TimeUnit.NANOSECONDS.toMillis(threads.getCurrentThreadCpuTime() - start);
      long read = 0;
      try (EntryStream entries = catalog.open()) {
        for (Optional<CatalogEntry> next = entries.next();
            next.isPresent();
            next = entries.next()) {
          read++;
        }
      }
      System.out.println("size " + catalog.size() + " read " + read + " CPU ms " + taken);
    }
  }
}
