package dev.countersign.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which package may import which: the table in the design, as a test. */
final class PackageArrowsTest {

  private static final String ROOT = "dev.countersign.";

  /**
   * What everyone may import: the JDK, logging, annotations, how texts are treated, and names of
   * settings.
   */
  private static final List<String> EVERYONE =
      List.of(
          "java..",
          "javax..",
          "org.slf4j..",
          "org.jspecify.annotations",
          "com.google.errorprone.annotations..",
          own("remedy"),
          own("text"));

  private static final String AVRO = "org.apache.avro..";
  private static final String AWS = "software.amazon.awssdk..";
  private static final String BOUNCY_CASTLE = "org.bouncycastle..";
  private static final String FLINK = "org.apache.flink..";
  private static final String GOOGLE = "com.google.cloud.hadoop..";
  private static final String HADOOP = "org.apache.hadoop..";
  private static final String JSON = "com.fasterxml.jackson.core..";
  private static final String PARQUET = "org.apache.parquet..";
  private static final String RE2 = "com.google.re2j";

  /** Libraries that the runnable jar does not contain. */
  private static final String[] SIGSTORE = {"dev.sigstore..", "io.grpc..", "com.google.protobuf.."};

  private static final String YAML = "org.yaml.snakeyaml..";

  /** What options can be values of. */
  private static final String[] VALUES = {own("oms"), own("keys"), FLINK};

  private static final String[] ENGINE = {
    own("oms"),
    own("hashing"),
    own("storage"),
    own("keys"),
    own("trust"),
    own("signing"),
    own("verification"),
    own("catalog"),
    own("catalog.watch"),
    own("schemas"),
    own("outcome"),
    own("faults"),
    own("avro"),
    AVRO,
    FLINK
  };

  /** For each package, what it may import beside {@link #EVERYONE} and itself. */
  private static final Map<String, List<String>> ARROWS =
      Map.ofEntries(
          Map.entry("remedy", List.of()),
          Map.entry("text", List.of()),
          Map.entry("process", List.of()),
          // Snappy unpacks the blocks of an Avro file within bounds that Avro's own codec lacks.
          Map.entry("avro", List.of(AVRO, "org.xerial.snappy")),
          Map.entry("oms", List.of(JSON)),
          Map.entry("hashing", List.of()),
          Map.entry("hashing.vector", List.of(own("hashing"), "jdk.incubator.vector")),
          Map.entry("http", List.of()),
          Map.entry("storage", List.of()),
          Map.entry("storage.local", List.of(own("storage"))),
          Map.entry("storage.objects", List.of(own("storage"))),
          Map.entry("storage.hadoop", List.of(own("storage"), own("process"), HADOOP)),
          Map.entry(
              "storage.s3",
              List.of(
                  own("storage"),
                  own("storage.objects"),
                  own("storage.hadoop"),
                  own("process"),
                  HADOOP,
                  AWS)),
          Map.entry("storage.rest", List.of(own("storage"), own("storage.objects"))),
          Map.entry(
              "storage.gcs",
              List.of(
                  own("storage"),
                  own("storage.objects"),
                  own("storage.rest"),
                  own("storage.hadoop"),
                  HADOOP,
                  GOOGLE,
                  JSON)),
          Map.entry(
              "storage.abfs",
              List.of(
                  own("storage"),
                  own("storage.objects"),
                  own("storage.rest"),
                  own("storage.hadoop"),
                  HADOOP)),
          Map.entry("keys", List.of(BOUNCY_CASTLE)),
          Map.entry("pkcs11", List.of(own("keys"), own("process"), BOUNCY_CASTLE)),
          Map.entry("trust", List.of(own("oms"), own("keys"), own("http"), BOUNCY_CASTLE)),
          Map.entry("trust.sigstore", with(SIGSTORE, own("trust"), own("http"), own("process"))),
          Map.entry(
              "verification", List.of(own("oms"), own("keys"), own("trust"), BOUNCY_CASTLE, RE2)),
          Map.entry(
              "verification.sigstore",
              with(
                  SIGSTORE,
                  own("oms"),
                  own("keys"),
                  own("trust"),
                  own("trust.sigstore"),
                  own("verification"))),
          Map.entry("yaml", List.of(own("oms"), YAML)),
          Map.entry(
              "policy",
              List.of(
                  own("oms"),
                  own("keys"),
                  own("storage"),
                  own("trust"),
                  own("verification"),
                  own("yaml"))),
          Map.entry(
              "signing",
              List.of(
                  own("oms"),
                  own("keys"),
                  own("http"),
                  own("pkcs11"),
                  own("trust"),
                  own("verification"),
                  BOUNCY_CASTLE)),
          Map.entry(
              "signing.sigstore",
              with(
                  SIGSTORE,
                  own("oms"),
                  own("keys"),
                  own("http"),
                  own("trust"),
                  own("trust.sigstore"),
                  own("verification"),
                  own("signing"))),
          Map.entry("catalog", List.of(own("oms"), own("storage"), own("schemas"))),
          Map.entry("catalog.conflicts", List.of(own("catalog"), own("oms"), own("storage"))),
          Map.entry(
              "catalog.file",
              List.of(
                  own("catalog"),
                  own("catalog.conflicts"),
                  own("oms"),
                  own("storage"),
                  own("schemas"),
                  own("avro"),
                  AVRO,
                  JSON)),
          Map.entry(
              "catalog.written",
              List.of(own("catalog"), own("oms"), own("storage"), own("schemas"), AVRO, JSON)),
          Map.entry(
              "catalog.watch",
              List.of(
                  own("catalog"),
                  own("catalog.file"),
                  own("catalog.conflicts"),
                  own("oms"),
                  own("storage"),
                  own("schemas"))),
          Map.entry(
              "catalog.discovery",
              List.of(own("catalog"), own("oms"), own("storage"), own("yaml"))),
          Map.entry("listings", List.of(own("oms"), own("schemas"), own("avro"), AVRO, FLINK)),
          Map.entry("metrics", List.of(own("schemas"), FLINK)),
          Map.entry(
              "records",
              List.of(own("oms"), own("schemas"), own("avro"), AVRO, FLINK, JSON, PARQUET)),
          Map.entry("outcome", List.of(own("oms"), own("schemas"))),
          Map.entry(
              "faults",
              List.of(
                  own("outcome"),
                  own("oms"),
                  own("keys"),
                  own("storage"),
                  own("signing"),
                  own("verification"),
                  own("schemas"))),
          Map.entry("source.units", with(ENGINE)),
          Map.entry("source.signals", with(ENGINE, own("source.units"))),
          Map.entry(
              "source.reading",
              with(
                  ENGINE,
                  own("metrics"),
                  own("source.pool"),
                  own("source.units"),
                  own("source.signals"))),
          Map.entry("source.content", with(ENGINE, own("source.units"))),
          Map.entry("source.pool", with(ENGINE, own("process"))),
          Map.entry(
              "source.planning",
              with(
                  ENGINE,
                  own("listings"),
                  own("source.content"),
                  own("source.pool"),
                  own("source.units"),
                  own("source.signals"))),
          Map.entry("source.checkpoint", with(ENGINE, own("source.units"), own("source.signals"))),
          Map.entry(
              "source.ledger",
              with(
                  ENGINE,
                  own("metrics"),
                  own("source.checkpoint"),
                  own("source.units"),
                  own("source.signals"))),
          Map.entry(
              "source.feed",
              with(
                  ENGINE,
                  own("source.planning"),
                  own("source.pool"),
                  own("source.checkpoint"),
                  own("source.signals"))),
          Map.entry("source", with(ENGINE, own("metrics"), own("listings"), own("source") + "..")),
          Map.entry(
              "stage",
              with(
                  ENGINE,
                  own("metrics"),
                  own("sink"),
                  own("source.content"),
                  own("source.planning"),
                  own("source.pool"),
                  own("source.units"))),
          // The record that closes a run is JSON.
          Map.entry(
              "sink",
              with(
                  ENGINE,
                  own("metrics"),
                  own("source.signals"),
                  own("records"),
                  own("listings"),
                  JSON)),
          Map.entry(
              "pipeline",
              with(
                  ENGINE,
                  own("catalog.conflicts"),
                  own("catalog.file"),
                  own("source") + "..",
                  own("stage"))),
          Map.entry("options", with(VALUES, own("outcome"), own("verification"))),
          Map.entry(
              "options.declarations",
              with(
                  VALUES,
                  own("options"),
                  own("hashing"),
                  own("outcome"),
                  own("signing"),
                  own("verification"),
                  own("catalog.discovery"),
                  own("catalog.written"),
                  own("records"),
                  own("source.reading"),
                  own("source.units"))),
          Map.entry("options.settings", List.of("dev.countersign..", FLINK)));

  /** Generated, in a module of its own that can see nothing of ours. */
  private static final String SCHEMAS = "schemas";

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.countersign");

  static Set<String> packagesWithArrows() {
    return ARROWS.keySet();
  }

  @ParameterizedTest
  @MethodSource("packagesWithArrows")
  void imports_ofPackage_areOnesTheDesignAllows(String name) {
    String[] allowed =
        Stream.of(EVERYONE, List.of(own(name)), ARROWS.get(name))
            .flatMap(List::stream)
            .toArray(String[]::new);

    classes()
        .that()
        .resideInAPackage(own(name))
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(allowed)
        .allowEmptyShould(true)
        .check(MAIN);
  }

  @Test
  void packages_ofTheLibrary_allHaveArrows() {
    Set<String> present =
        MAIN.getPackage("dev.countersign").getSubpackagesInTree().stream()
            .filter(candidate -> !candidate.getClasses().isEmpty())
            .map(JavaPackage::getName)
            .map(name -> name.substring(ROOT.length()))
            .filter(name -> !name.equals(SCHEMAS))
            .collect(Collectors.toSet());

    assertThat(ARROWS.keySet()).containsAll(present);
  }

  @ParameterizedTest
  @MethodSource("packagesWithArrows")
  void package_withArrows_isInTheManual(String name) throws IOException {
    assertThat(Files.readString(Path.of("README.md"))).contains("`" + name + "`");
  }

  @Test
  void packages_ofTheLibrary_haveNoCycles() {
    slices()
        .matching("dev.countersign.(**)")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(MAIN);
  }

  @Test
  void vectorKernels_areFoundByNameOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage(own("hashing.vector"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(own("hashing.vector"))
        .allowEmptyShould(true)
        .check(MAIN);
  }

  @Test
  void sigstoreLibraries_areFoundByNameOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.countersign..sigstore")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            Stream.concat(Stream.of(SIGSTORE), Stream.of("dev.countersign..sigstore"))
                .toArray(String[]::new))
        .check(MAIN);
  }

  @Test
  void jobs_areImportedByNobody() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.countersign.jobs..")
        .allowEmptyShould(true)
        .check(MAIN);
  }

  private static String own(String name) {
    return ROOT + name;
  }

  private static List<String> with(String[] packages, String... more) {
    return Stream.concat(Stream.of(packages), Stream.of(more)).toList();
  }
}
