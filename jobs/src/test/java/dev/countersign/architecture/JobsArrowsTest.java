package dev.countersign.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which package of the jobs may import which other; all of them may import the library. */
final class JobsArrowsTest {

  private static final String ROOT = "dev.countersign.jobs.";

  private static final Map<String, List<String>> ARROWS =
      Map.ofEntries(
          Map.entry("terminal", List.of()),
          Map.entry("pipeline", List.of()),
          Map.entry("results", List.of()),
          Map.entry("execution", List.of("pipeline")),
          Map.entry("embedded", List.of("execution", "pipeline")),
          Map.entry("cluster", List.of("execution", "pipeline")),
          Map.entry("state", List.of("embedded", "results", "terminal")),
          Map.entry("discovery", List.of("terminal")),
          Map.entry("inspection", List.of("terminal")),
          Map.entry("policycheck", List.of("terminal")),
          Map.entry("report", List.of("results", "state", "terminal")),
          Map.entry(
              "run",
              List.of(
                  "cluster", "embedded", "execution", "pipeline", "results", "state", "terminal")),
          Map.entry(
              "cli",
              List.of(
                  "cluster",
                  "discovery",
                  "inspection",
                  "policycheck",
                  "report",
                  "run",
                  "terminal")));

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.countersign.jobs");

  static Set<String> packagesWithArrows() {
    return ARROWS.keySet();
  }

  @ParameterizedTest
  @MethodSource("packagesWithArrows")
  void imports_ofPackage_areOnesTheDesignAllows(String name) {
    String[] others =
        ARROWS.keySet().stream()
            .filter(other -> !other.equals(name) && !ARROWS.get(name).contains(other))
            .map(other -> ROOT + other)
            .toArray(String[]::new);

    noClasses()
        .that()
        .resideInAPackage(ROOT + name)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others)
        .allowEmptyShould(true)
        .check(MAIN);
  }

  @Test
  void packages_ofTheJobs_allHaveArrows() {
    Set<String> present =
        MAIN.getPackage("dev.countersign.jobs").getSubpackagesInTree().stream()
            .filter(candidate -> !candidate.getClasses().isEmpty())
            .map(JavaPackage::getName)
            .map(name -> name.substring(ROOT.length()))
            .collect(Collectors.toSet());

    assertThat(ARROWS.keySet()).isEqualTo(present);
  }

  @ParameterizedTest
  @MethodSource("packagesWithArrows")
  void package_withArrows_isInTheManual(String name) throws IOException {
    String manual = Files.readString(Path.of("..", "operators", "README.md"));

    assertThat(manual.substring(manual.indexOf("### Packages of `jobs/`")))
        .contains("`" + name + "`");
  }

  @Test
  void packages_ofTheJobs_haveNoCycles() {
    slices().matching("dev.countersign.jobs.(**)").should().beFreeOfCycles().check(MAIN);
  }
}
