package dev.countersign.source.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.countersign.hashing.HashKernels;
import dev.countersign.hashing.KernelChoice;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Serialization;
import dev.countersign.oms.Sha256;
import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.UnitRange;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.PlanFixture;
import dev.countersign.source.ledger.Plans;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.source.units.WorkUnits;
import dev.countersign.storage.StorageException;
import dev.countersign.text.Message;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class UnitHasherTest {

  private static final int BUFFER = 1 << 16;

  /** From here on, a thread reads ahead. */
  private static final int AHEAD = 4 << 20;

  @TempDir Path folder;

  private final ReadAhead readAhead = new ReadAhead("test-read-ahead", BUFFER);
  private final UnitHasher hasher =
      new UnitHasher(readAhead, 2, false, HashKernels.of(KernelChoice.JDK));
  private PlanFixture fixture;
  private Path model;

  @BeforeEach
  void makeFixture() throws IOException {
    fixture = new PlanFixture(folder);
    model = Files.createDirectory(folder.resolve("model"));
  }

  @AfterEach
  void stopReadingAhead() {
    readAhead.close();
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        0,
        1,
        BUFFER - 1,
        BUFFER,
        BUFFER + 1,
        3 * BUFFER,
        AHEAD - 1,
        AHEAD,
        AHEAD + 1,
        AHEAD + BUFFER,
        2 * AHEAD + 12_345
      })
  void hash_ofAnyLength_digestsEveryByteOnce(int length) throws Exception {
    byte[] content = content(length);
    Files.write(model.resolve("file"), content);

    UnitRecord record = hasher.hash(unit(), PlanFixture.UNWATCHED);

    assertThat(record.getDigests()).hasSize(1);
    assertThat(record.getDigests().get(0).getDigest()).isEqualTo(sha256(content));
    assertThat(record.getDigests().get(0).getEnd()).isEqualTo(-1);
    assertThat(record.getBytes()).isEqualTo(length);
    assertThat(record.getFiles()).isEqualTo(1);
  }

  /** In {@code mvn verify}, the JVM has the kernels that hash files side by side. */
  @ParameterizedTest
  @EnumSource(
      value = KernelChoice.class,
      names = {"JDK", "VECTOR"})
  void hash_ofManySmallFiles_digestsEachInOrder(KernelChoice choice) throws Exception {
    List<ByteBuffer> expected = new ArrayList<>();
    long bytes = 0;
    for (int i = 0; i < 200; i++) {
      // One of them is longer than all lanes take together.
      byte[] content = content(i == 120 ? BUFFER - 5 : 1_000 + 13 * i);
      Files.write(model.resolve(Message.of("file%03d", i)), content);
      expected.add(sha256(content));
      bytes += content.length;
    }
    AtomicLong seen = new AtomicLong();
    UnitHasher chosen = new UnitHasher(readAhead, 2, false, HashKernels.of(choice));

    UnitRecord record = chosen.hash(unit(), watch(seen, Integer.MAX_VALUE, () -> "", false));

    assertThat(record.getDigests())
        .extracting(digest -> digest.getDigest())
        .containsExactlyElementsOf(expected);
    assertThat(record.getFiles()).isEqualTo(200);
    assertThat(record.getBytes()).isEqualTo(bytes);
    assertThat(seen).as("bytes that the watch was told of").hasValue(bytes);
  }

  @ParameterizedTest
  @EnumSource(
      value = KernelChoice.class,
      names = {"JDK", "VECTOR"})
  void hash_ofManySmallFilesWithAPointer_namesIt(KernelChoice choice) throws Exception {
    for (int i = 0; i < 100; i++) {
      Files.write(model.resolve("file" + i), content(200));
    }
    Files.writeString(model.resolve("file7"), pointer(content(300)));
    UnitHasher chosen = new UnitHasher(readAhead, 2, false, HashKernels.of(choice));
    WorkUnit unit = unit();

    assertThatThrownBy(() -> chosen.hash(unit, PlanFixture.UNWATCHED))
        .isInstanceOf(ModelFailure.class)
        .hasMessageContaining("file7");
  }

  @Test
  void changed_withLongNames_countsAllAndListsUpTo16Mebibytes() {
    UnitFindings findings = new UnitFindings(WorkUnits.empty(Plans.header(0), 0, 1), 10);

    for (int i = 0; i < 3; i++) {
      findings.changed(i + "n".repeat(6 << 20), ByteBuffer.wrap(new byte[32]), new byte[] {1}, "");
    }

    assertThat(findings.record().getCounts().getChanged()).isEqualTo(3);
    assertThat(findings.record().getDifferences().size()).isEqualTo(2);
  }

  @Test
  void hash_ofSeveralRanges_startsAfreshForEach() throws Exception {
    byte[] content = content(2 * AHEAD + 7);
    Files.write(model.resolve("file"), content);
    fixture.serialization = Serialization.shards(HashAlgorithm.SHA256, AHEAD);

    UnitRecord record = hasher.hash(unit(), PlanFixture.UNWATCHED);

    assertThat(record.getDigests())
        .extracting(digest -> digest.getDigest())
        .containsExactly(
            sha256(Arrays.copyOfRange(content, 0, AHEAD)),
            sha256(Arrays.copyOfRange(content, AHEAD, 2 * AHEAD)),
            sha256(Arrays.copyOfRange(content, 2 * AHEAD, content.length)));
    assertThat(record.getBytes()).isEqualTo(content.length);
    assertThat(record.getFiles()).isEqualTo(1);
  }

  @Test
  void hash_toVerify_namesWhatDiffersAndCountsTheRest() throws Exception {
    for (int i = 0; i < 4; i++) {
      Files.writeString(model.resolve("file" + i), "content " + i);
    }
    WorkUnit unit = unit();
    unit.getHeader().setOperation(Operation.VERIFY);
    for (UnitRange range : unit.getRanges()) {
      range.setExpected(ByteBuffer.wrap(new byte[32]));
    }
    byte[] right = "content 0".getBytes(StandardCharsets.UTF_8);
    unit.getRanges().get(0).setExpected(sha256(right));

    UnitRecord record = hasher.hash(unit, PlanFixture.UNWATCHED);

    assertThat(record.getDigests()).isEmpty();
    assertThat(record.getCounts().getChanged()).isEqualTo(3);
    assertThat(record.getDifferences())
        .extracting(Difference::getName)
        .containsExactly("file1", "file2");
    Difference first = record.getDifferences().get(0);
    assertThat(first.getKind()).isEqualTo(DifferenceKind.CHANGED);
    assertThat(first.getExpected()).isEqualTo("00".repeat(32));
    assertThat(first.getActual())
        .isEqualTo(
            HexFormat.of().formatHex(sha256(Files.readAllBytes(model.resolve("file1"))).array()));
  }

  @Test
  void hash_ofAVerdict_passesItOn() throws Exception {
    WorkUnit verdict = WorkUnits.verdict(Plans.header(3), 5, Plans.failing(3).verdict());

    UnitRecord record = hasher.hash(verdict, PlanFixture.UNWATCHED);

    assertThat(record.getVerdict()).isEqualTo(verdict.getVerdict());
    assertThat(record.getUnit()).isEqualTo(5);
    assertThat(record.getUnitCount()).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, AHEAD + 10})
  void hash_ofAFileThatChangedSincePlanning_refusesIt(int length) throws Exception {
    Path file = Files.write(model.resolve("file"), content(length));
    WorkUnit unit = unit();
    Files.write(file, new byte[] {1}, StandardOpenOption.APPEND);

    assertThatThrownBy(() -> hasher.hash(unit, PlanFixture.UNWATCHED))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(file.toString())
        .extracting(thrown -> ((StorageException) thrown).kind())
        .isEqualTo(StorageException.Kind.CHANGED);
  }

  @ParameterizedTest
  @ValueSource(ints = {3 * BUFFER, AHEAD + 10})
  void hash_ofAFileThatGrowsWhileItIsRead_refusesIt(int length) throws Exception {
    Path file = Files.write(model.resolve("file"), content(length));
    WorkUnit unit = unit();

    assertChanged(unit, () -> Files.write(file, new byte[BUFFER], StandardOpenOption.APPEND));
  }

  @ParameterizedTest
  @ValueSource(ints = {3 * BUFFER, AHEAD + 10})
  void hash_ofAFileThatShrinksWhileItIsRead_refusesIt(int length) throws Exception {
    Path file = Files.write(model.resolve("file"), content(length));
    WorkUnit unit = unit();

    assertChanged(unit, () -> Files.write(file, new byte[1], StandardOpenOption.TRUNCATE_EXISTING));
  }

  @ParameterizedTest
  @ValueSource(ints = {3 * BUFFER, AHEAD + 10})
  void hash_ofAFileThatIsReplacedWhileItIsRead_refusesIt(int length) throws Exception {
    Path file = Files.write(model.resolve("file"), content(length));
    Path other = Files.write(folder.resolve("other"), content(length));
    WorkUnit unit = unit();

    assertChanged(unit, () -> Files.move(other, file, StandardCopyOption.REPLACE_EXISTING));
  }

  @ParameterizedTest
  @ValueSource(ints = {3 * BUFFER, AHEAD + 10})
  void hash_whenCancelled_stopsBeforeTheEndAndCanGoOnWithAnother(int length) throws Exception {
    byte[] content = content(length);
    Files.write(model.resolve("file"), content);
    WorkUnit unit = unit();
    AtomicLong seen = new AtomicLong();

    assertThatThrownBy(() -> hasher.hash(unit, watch(seen, BUFFER, () -> model, true)))
        .isInstanceOf(UnitHasher.CancelledException.class);

    assertThat(seen.get()).isLessThan(length);
    assertThat(hasher.hash(unit, PlanFixture.UNWATCHED).getDigests().get(0).getDigest())
        .isEqualTo(sha256(content));
  }

  @Test
  void hash_ofGitLfsPointersToSign_refusesThemUnlessTheyAreAllowed() throws Exception {
    Files.write(model.resolve("config.json"), content(100));
    Files.writeString(model.resolve("a.bin"), pointer(content(7)));
    Files.writeString(model.resolve("b.bin"), pointer(content(8)));

    assertThatThrownBy(() -> hasher.hash(unit(), PlanFixture.UNWATCHED))
        .isInstanceOf(ModelFailure.class)
        .hasMessage(
            "a.bin in "
                + model
                + " is a Git LFS pointer, not the file that it stands for (and 1 more). Fetch the"
                + " files with git lfs pull, leave them out with 'ignore-paths', or sign pointers"
                + " as they are with 'allow-lfs-pointers'.")
        .extracting(thrown -> ((ModelFailure) thrown).reason())
        .isEqualTo(FailureReason.LFS_POINTER);
    UnitHasher allowing = new UnitHasher(readAhead, 2, true, HashKernels.of(KernelChoice.JDK));
    assertThat(allowing.hash(unit(), PlanFixture.UNWATCHED).getDigests()).hasSize(3);
    fixture.operation = Operation.DIGEST;
    assertThat(hasher.hash(unit(), PlanFixture.UNWATCHED).getDigests()).hasSize(3);
    fixture.operation = Operation.SIGN;
    fixture.serialization = Serialization.shards(HashAlgorithm.SHA256, AHEAD);
    assertThatThrownBy(() -> hasher.hash(unit(), PlanFixture.UNWATCHED))
        .isInstanceOf(ModelFailure.class);
  }

  @Test
  void hash_ofGitLfsPointers_leavesThemOutOfListings() throws Exception {
    Files.write(model.resolve("config.json"), content(100));
    Files.writeString(model.resolve("a.bin"), pointer(content(7)));
    fixture.operation = Operation.DIGEST;
    WorkUnit unit = unit();
    unit.getHeader().setRecordsListing(true);

    UnitRecord record = hasher.hash(unit, PlanFixture.UNWATCHED);

    assertThat(record.getListed())
        .extracting(listed -> listed.getName())
        .as("so that a run that signs reads the other one")
        .containsExactly("config.json");
  }

  @ParameterizedTest
  @EnumSource(names = {"VERIFY", "RESIGN"})
  void hash_ofGitLfsPointersToWhatWasSigned_saysSo(Operation operation) throws Exception {
    byte[] signed = content(7);
    Files.writeString(model.resolve("a.bin"), pointer(signed));
    Files.writeString(model.resolve("b.bin"), pointer(content(8)));
    Files.write(model.resolve("c.bin"), content(9));
    WorkUnit unit = unit();
    unit.getHeader().setOperation(operation);
    unit.getRanges().forEach(range -> range.setExpected(wrapped(signed)));

    UnitRecord record =
        new UnitHasher(readAhead, 3, false, HashKernels.of(KernelChoice.JDK))
            .hash(unit, PlanFixture.UNWATCHED);

    assertThat(record.getLfsPointers()).isEqualTo(1);
    assertThat(record.getCounts().getChanged()).isEqualTo(3);
    assertThat(record.getDifferences())
        .extracting(Difference::getName, Difference::getDetail)
        .containsExactly(
            tuple("a.bin", "a Git LFS pointer, not the content that it stands for"),
            tuple("b.bin", "a Git LFS pointer, not the content that it stands for"),
            tuple("c.bin", ""));
  }

  @Test
  void hash_ofAGitLfsPointerThatWasSignedBefore_isRefusedWhenSigningAgain() throws Exception {
    String pointer = pointer(content(7));
    Files.writeString(model.resolve("a.bin"), pointer);
    WorkUnit unit = unit();
    unit.getRanges().get(0).setExpected(sha256(pointer.getBytes(StandardCharsets.UTF_8)));

    unit.getHeader().setOperation(Operation.VERIFY);
    assertThat(hasher.hash(unit, PlanFixture.UNWATCHED).getDifferences()).isEmpty();
    unit.getHeader().setOperation(Operation.RESIGN);
    assertThatThrownBy(() -> hasher.hash(unit, PlanFixture.UNWATCHED))
        .isInstanceOf(ModelFailure.class)
        .hasMessageEndingWith(
            "Fetch the files with git lfs pull, or sign pointers as they are with"
                + " 'allow-lfs-pointers'.");
  }

  private static String pointer(byte[] content) {
    return "version https://git-lfs.github.com/spec/v1\noid sha256:"
        + HexFormat.of().formatHex(wrapped(content).array())
        + "\nsize "
        + content.length
        + "\n";
  }

  private static ByteBuffer wrapped(byte[] content) {
    return ByteBuffer.wrap(Sha256.digest(content));
  }

  private void assertChanged(WorkUnit unit, Change change) {
    AtomicLong seen = new AtomicLong();
    assertThatThrownBy(() -> hasher.hash(unit, watch(seen, 1, change, false)))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(model.resolve("file").toString())
        .extracting(thrown -> ((StorageException) thrown).kind())
        .isEqualTo(StorageException.Kind.CHANGED);
    assertThat(seen.get()).isPositive();
  }

  /** What a test does in the middle of a read; gives back anything but null. */
  private interface Change {
    Object make() throws IOException;
  }

  /** Makes a change once {@code from} bytes have come, and cancels from then on if told to. */
  private static UnitHasher.Watch watch(AtomicLong seen, int from, Change change, boolean cancels) {
    return new UnitHasher.Watch() {
      private boolean made;

      @Override
      public void progressed(int bytes) {
        if (seen.addAndGet(bytes) >= from && !made) {
          made = true;
          try {
            assertThat(change.make()).isNotNull();
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        }
      }

      @Override
      public void reading(Closeable input) {}

      @Override
      public boolean isCancelled() {
        return cancels && made;
      }
    };
  }

  /** The model's only unit. */
  private WorkUnit unit() throws Exception {
    ModelPlan plan = fixture.plan(model);
    assertThat(plan.units()).hasSize(1);
    return plan.units().get(0);
  }

  private static byte[] content(int length) {
    byte[] content = new byte[length];
    new Random(length).nextBytes(content);
    return content;
  }

  private static ByteBuffer sha256(byte[] content) throws Exception {
    return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(content));
  }
}
