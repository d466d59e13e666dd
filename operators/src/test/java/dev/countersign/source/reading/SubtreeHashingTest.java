package dev.countersign.source.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.hashing.HashKernel;
import dev.countersign.hashing.HashKernels;
import dev.countersign.hashing.HashState;
import dev.countersign.hashing.KernelChoice;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.oms.Serialization;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.schemas.WorkUnit;
import dev.countersign.source.PlanFixture;
import dev.countersign.source.units.Subtrees;
import dev.countersign.source.units.Subtrees.HashedFile;
import dev.countersign.source.units.WindowSettings;
import dev.countersign.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** One file that several units hash, each of which may be read in another process. */
final class SubtreeHashingTest {

  @TempDir Path folder;

  private final ReadAhead readAhead = new ReadAhead("test-read-ahead", 1 << 16);
  private PlanFixture fixture;
  private Path file;

  @BeforeEach
  void makeFixture() throws IOException {
    fixture = new PlanFixture(folder);
    fixture.serialization = Serialization.files(HashAlgorithm.BLAKE3);
    file = Files.createDirectory(folder.resolve("model")).resolve("file");
  }

  @AfterEach
  void stopReadingAhead() {
    readAhead.close();
  }

  /** From 4 MiB on, a thread reads ahead. */
  @ParameterizedTest
  @CsvSource({"10000, 1024, 10", "70000, 16384, 5", "20971521, 5000000, 3"})
  void hash_ofAllSubtrees_mergesToTheDigestOfTheFile(int length, int unitBytes, int units)
      throws Exception {
    byte[] content = content(length);
    Files.write(file, content);
    for (KernelChoice kernels : List.of(KernelChoice.PORTABLE, KernelChoice.AUTO)) {
      UnitHasher hasher = new UnitHasher(readAhead, 2, false, HashKernels.of(kernels));
      List<UnitRecord> records = new ArrayList<>();
      for (WorkUnit unit : plan(unitBytes)) {
        records.add(hasher.hash(unit, PlanFixture.UNWATCHED));
      }

      assertThat(records).hasSize(units);
      assertThat(records).allMatch(record -> record.getDigests().isEmpty());
      assertThat(records.stream().mapToLong(UnitRecord::getBytes).sum()).isEqualTo(length);
      assertThat(records.stream().mapToLong(UnitRecord::getFiles).sum()).isEqualTo(1);
      assertThat(Subtrees.merge(records))
          .extracting(HashedFile::digest)
          .containsExactly(blake3(content));
    }
  }

  @Test
  void hash_ofAFileThatChangesBetweenTwoSubtrees_isRefused() throws Exception {
    Files.write(file, content(10_000));
    UnitHasher hasher = new UnitHasher(readAhead, 2, false, HashKernels.of(KernelChoice.PORTABLE));
    List<WorkUnit> units = plan(1_024);
    UnitRecord before = hasher.hash(units.get(0), PlanFixture.UNWATCHED);

    Files.write(file, new byte[1], StandardOpenOption.APPEND);

    assertThat(before.getSubtrees()).hasSize(1);
    assertThatThrownBy(() -> hasher.hash(units.get(1), PlanFixture.UNWATCHED))
        .isInstanceOf(StorageException.class)
        .extracting(thrown -> ((StorageException) thrown).kind())
        .isEqualTo(StorageException.Kind.CHANGED);
  }

  @Test
  void plan_ofALargeFile_carriesIgnoredPathsOnce() throws Exception {
    Files.write(file, content(3_000));

    assertThat(plan(1_024))
        .extracting(unit -> unit.getHeader().getIgnorePaths().contains("model.sig"))
        .containsExactly(true, false, false);
  }

  @Test
  void finish_ofASubtreeOfWhichBytesAreMissing_isRefused() throws Exception {
    Files.write(file, content(10_000));
    WorkUnit unit = plan(1_024).get(1);
    RangeCuts cuts =
        new RangeCuts(
            unit.getHeader(), new UnitFindings(unit, 1), HashKernels.of(KernelChoice.PORTABLE));
    PieceHasher hasher = cuts.of(unit.getRanges().get(0)).get(0);

    hasher.update(content(1_023), 1_023);

    assertThatThrownBy(hasher::finish)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a subtree ended at 2047");
  }

  @ParameterizedTest
  @EnumSource(HashAlgorithm.class)
  void plan_ofShards_givesEachLargeOneAUnitUnderEveryAlgorithm(HashAlgorithm hash)
      throws Exception {
    Files.write(file, content(10_000));
    fixture.serialization = Serialization.shards(hash, 3_000);

    assertThat(plan(3_000))
        .extracting(unit -> unit.getRanges().get(0).getStart())
        .containsExactly(0L, 3_000L, 6_000L, 9_000L);
  }

  private List<WorkUnit> plan(int unitBytes) throws Exception {
    fixture.window = new WindowSettings(10, 1 << 20, 1, unitBytes, 64, 1 << 20);
    return fixture.plan(file.getParent()).units();
  }

  private static ByteBuffer blake3(byte[] content) {
    HashKernel kernel = HashKernels.of(KernelChoice.PORTABLE).forAlgorithm("blake3");
    HashState state = kernel.newState();
    state.update(content, 0, content.length);
    return ByteBuffer.wrap(state.digest());
  }

  private static byte[] content(int length) {
    byte[] content = new byte[length];
    new Random(length).nextBytes(content);
    return content;
  }
}
