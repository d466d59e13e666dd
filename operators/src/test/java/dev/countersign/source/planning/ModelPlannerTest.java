package dev.countersign.source.planning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.source.PlanFixture;
import dev.countersign.source.planning.ModelPlanner.EarlierWork;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.storage.Storages;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a catalog names, planning it gives a verdict and throws nothing. */
final class ModelPlannerTest {

  @TempDir Path folder;

  static Stream<String> bundleUris() {
    return Stream.concat(Stream.of("", "/"), uris());
  }

  static Stream<String> uris() {
    return List.of(
        "relative/model",
        "../model",
        "://",
        "nowhere://here/model",
        "hdfs://",
        "hdfs:///model",
        "hdfs://no-such-host.invalid:99999/model",
        "s3a://bucket/model",
        "file://elsewhere/model",
        "http://example.invalid/model",
        "jar:file:/x!/y",
        "/nul\0/model",
        "/surrogate\ud800/model",
        "/line\nfeed/\u202e/model",
        "/" + "long/".repeat(2_000) + "model",
        "/" + "x".repeat(300) + "/model")
        .stream();
  }

  @ParameterizedTest
  @MethodSource("uris")
  void plan_ofAModelAtAnOddPlace_isAVerdict(String uri) throws Exception {
    for (Operation operation : new Operation[] {Operation.SIGN, Operation.VERIFY}) {
      ModelPlan plan =
          plan(
              operation,
              CatalogEntry.builder(0, uri).name("name").bundle(folder + "/bundle.sig").build());

      assertThat(Objects.requireNonNull(plan.verdict()).getOutcome()).isEqualTo(Outcome.FAILED);
      assertThat(plan.verdict().getMessage()).isNotBlank().doesNotContain("\n", "\u202e");
    }
  }

  @ParameterizedTest
  @MethodSource("bundleUris")
  void plan_ofABundleAtAnOddPlace_throwsNothing(String uri) throws Exception {
    Files.writeString(folder.resolve("weights"), "weights");

    ModelPlan signing =
        plan(
            Operation.SIGN,
            CatalogEntry.builder(0, folder.toString()).name("name").bundle(uri).build());
    ModelPlan verifying =
        plan(
            Operation.VERIFY,
            CatalogEntry.builder(0, folder.toString()).name("name").bundle(uri).build());

    // Whether a bundle can be written shows when it is: a long path may be made until then.
    assertThat(signing.units().isEmpty()).isEqualTo(signing.verdict() != null);
    assertThat(Objects.requireNonNull(verifying.verdict()).getOutcome()).isEqualTo(Outcome.FAILED);
  }

  @ParameterizedTest
  @ValueSource(classes = {IllegalStateException.class, NoClassDefFoundError.class})
  void plan_whereAConnectorIsAtFaultWhateverItIsAskedFor_isAVerdict(Class<?> fault)
      throws Exception {
    Connector.fault = fault;
    Storages.configure(
        Map.of(
            "fs.faulty.impl", Connector.class.getName(), "fs.faulty.impl.disable.cache", "true"));
    ModelPlan plan;
    try {
      plan =
          plan(
              Operation.SIGN,
              CatalogEntry.builder(0, "faulty://here/model")
                  .name("model")
                  .bundle("faulty://here/model/model.sig")
                  .bundleByKind(true)
                  .build());
    } finally {
      Storages.configure(Map.of());
    }

    assertThat(Objects.requireNonNull(plan.verdict()).getReason())
        .isEqualTo(FailureReason.INTERNAL_ERROR);
    assertThat(plan.header().getBundle()).isEqualTo("faulty://here/model/model.sig");
  }

  /** A connector that throws what no file system should. */
  public static final class Connector extends RawLocalFileSystem {
    private static Class<?> fault;

    @Override
    public URI getUri() {
      return URI.create("faulty://here/");
    }

    @Override
    public String getScheme() {
      return "faulty";
    }

    @Override
    public FileStatus getFileStatus(org.apache.hadoop.fs.Path path) {
      throw broken();
    }

    @Override
    public FileStatus[] listStatus(org.apache.hadoop.fs.Path path) {
      throw broken();
    }

    private static IllegalStateException broken() {
      if (fault == NoClassDefFoundError.class) {
        throw new NoClassDefFoundError("of a connector");
      }
      return new IllegalStateException("of a connector");
    }
  }

  private ModelPlan plan(Operation operation, CatalogEntry entry) throws Exception {
    PlanFixture fixture = new PlanFixture(folder);
    fixture.operation = operation;
    return new ModelPlanner(fixture.settings(), fixture.window, Clock.systemUTC())
        .plan(entry, EarlierWork.NONE);
  }
}
