package dev.countersign.source.planning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Verdict;
import dev.countersign.source.PlanFixture;
import dev.countersign.source.planning.ModelPlanner.EarlierWork;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.storage.objects.FakeBucket;
import dev.countersign.storage.objects.FakeStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No key can be hidden from whoever signs or verifies a model in an object store. */
final class ObjectKeysTest {

  private static final AtomicInteger TESTS = new AtomicInteger();

  @TempDir Path folder;

  private final String name = "keys-" + TESTS.incrementAndGet();
  private final FakeBucket bucket = FakeStore.bucket(name);
  private final String model = FakeStore.SCHEME + "://" + name + "/m";
  private PlanFixture fixture;

  @BeforeEach
  void putSignedModel() throws Exception {
    fixture = new PlanFixture(folder);
    Path local = Files.createDirectory(folder.resolve("m"));
    Files.writeString(local.resolve("weights"), "weights");
    Files.writeString(local.resolve("config"), "config");
    fixture.sign(local);
    try (Stream<Path> files = Files.list(local)) {
      for (Path file : files.toList()) {
        bucket.put("m/" + file.getFileName(), Files.readAllBytes(file));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a//weights, a//weights",
    "/weights, /weights",
    "./weights, ./weights",
    "../weights, ../weights",
    ".git/../weights, .git/../weights",
    "weights/, weights/",
    "'', /",
  })
  void key_thatIsNoPath_isNeitherSignedNorOverlooked(String key, String shown) throws Exception {
    bucket.put("m/" + key, new byte[3]);

    Verdict signed = verdict();
    fixture.operation = Operation.VERIFY;

    assertThat(signed.getReason()).isEqualTo(FailureReason.BAD_NAME);
    assertThat(signed.getMessage())
        .startsWith(shown + " in " + model + " cannot be signed: a key that ")
        .endsWith("Rename it: only canonical UTF-8 names can be signed.");
    assertThat(PlanFixture.differences(plan())).containsExactly("EXTRA " + shown);
  }

  @Test
  void key_ofAnObjectAndAFolder_isNeitherSignedNorOverlooked() throws Exception {
    bucket.put("m/weights/part", new byte[3]);

    Verdict signed = verdict();
    fixture.operation = Operation.VERIFY;

    assertThat(signed.getReason()).isEqualTo(FailureReason.BAD_NAME);
    assertThat(signed.getMessage())
        .isEqualTo(
            "weights in "
                + model
                + " cannot be signed: an object, and a folder with other objects in it. No folder"
                + " on a disk can hold both: rename the object, or leave it out with"
                + " 'ignore-paths'.");
    assertThat(PlanFixture.differences(plan()))
        .containsExactlyInAnyOrder("EXTRA weights", "EXTRA weights/part");
  }

  @Test
  void key_belowTheBundle_isNeitherSignedNorOverlooked() throws Exception {
    bucket.put("m/model.sig/part", new byte[3]);

    assertThat(verdict().getReason()).isEqualTo(FailureReason.BAD_NAME);
    fixture.operation = Operation.VERIFY;
    assertThat(PlanFixture.differences(plan())).containsExactly("EXTRA model.sig/part");
  }

  @ParameterizedTest
  @ValueSource(strings = {"_temporary/0/part-0", "a/_temporary/part", "weights._COPYING_"})
  void key_ofAWriterThatHasNotFinished_isNotSignedAndIsExtra(String key) throws Exception {
    bucket.put("m/" + key, new byte[3]);

    Verdict signed = verdict();
    fixture.operation = Operation.VERIFY;

    assertThat(signed.getReason()).isEqualTo(FailureReason.UNFINISHED_WRITE);
    assertThat(signed.getMessage())
        .isEqualTo(
            key
                + " in "
                + model
                + " belongs to a write that has not ended. Wait until it has, delete what a failed"
                + " one left, or leave it out with 'ignore-paths'.");
    assertThat(PlanFixture.differences(plan())).containsExactly("EXTRA " + key);
  }

  @ParameterizedTest
  @ValueSource(strings = {"_SUCCESS", "_temporary", "x_$folder$", "_temporary2/a"})
  void key_ofAnotherMarker_isSignedAndExtraIfItIsNot(String key) throws Exception {
    bucket.put("m/" + key, new byte[0]);

    assertThat(PlanFixture.names(plan())).contains(key);
    fixture.operation = Operation.VERIFY;
    assertThat(PlanFixture.differences(plan())).containsExactly("EXTRA " + key);
  }

  @Test
  void key_ofAFolderMarker_isNoFile() throws Exception {
    bucket.put("m/", new byte[0]);
    bucket.put("m/empty/", new byte[0]);

    assertThat(PlanFixture.names(plan())).containsExactly("config", "weights");
    fixture.operation = Operation.VERIFY;
    assertThat(PlanFixture.differences(plan())).isEmpty();
  }

  @Test
  void object_thatIsArchived_failsBeforeAnythingIsRead() throws Exception {
    bucket.put("m/old", new byte[3], "DEEP_ARCHIVE");
    bucket.takeLog();

    Verdict signed = verdict();

    assertThat(signed.getReason()).isEqualTo(FailureReason.UNREADABLE);
    assertThat(signed.getMessage()).contains(model + "/old is archived (DEEP_ARCHIVE)");
    assertThat(bucket.takeLog()).containsExactly("LIST m/");
  }

  private Verdict verdict() throws Exception {
    return Objects.requireNonNull(plan().verdict(), "no verdict");
  }

  private ModelPlan plan() throws Exception {
    return fixture.plan(
        CatalogEntry.builder(0, model).name("m").bundle(model + "/model.sig").build(),
        EarlierWork.NONE);
  }
}
