package dev.countersign.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.hashing.KernelChoice;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.source.reading.ReadSettings;
import dev.countersign.storage.TemporaryNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Models that change in a file which was hashed already, or in none that was listed. */
@Timeout(300)
final class ChangedModelsITCase {

  @TempDir Path folder;

  private TestRuns runs;

  @BeforeEach
  void makeKeys() throws IOException {
    runs = new TestRuns(folder);
    // One file after the other, so that what is changed meanwhile was read to its end.
    runs.read = new ReadSettings(2, 1, 1 << 20, Duration.ofMinutes(1), false, KernelChoice.JDK);
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "UNKNOWN")
  void run_overModelsThatChangeAfterAFileWasHashed_failsThemAlone(Operation operation)
      throws Exception {
    Path written = model(operation + "-written");
    Path added = model(operation + "-added");
    Path removed = model(operation + "-removed");
    Path temporary = model(operation + "-temporary");
    Path stays = model(operation + "-stays");
    List<ModelResult> signed = List.of();
    if (operation == Operation.VERIFY || operation == Operation.RESIGN) {
      signed =
          runs.run(Operation.SIGN, runs.plainEntries(written, added, removed, temporary, stays));
      runs.previous = runs.ownTrust();
    }
    CompletableFuture<Void> changes =
        CompletableFuture.allOf(
            whileReading(written, () -> put(written.resolve("first"), "FIRST")),
            whileReading(added, () -> put(added.resolve("more"), "more")),
            whileReading(removed, () -> delete(removed.resolve("first"))),
            whileReading(
                temporary,
                () ->
                    put(temporary.resolve(TemporaryNames.next()), "a bundle of somebody else's")));

    List<ModelResult> results =
        runs.run(operation, runs.faultyEntries(written, added, removed, temporary, stays));

    changes.join();
    assertThat(signed).allMatch(result -> result.getReason() == FailureReason.NONE);
    assertThat(results)
        .extracting(ModelResult::getReason)
        .containsExactly(
            FailureReason.CHANGED_WHILE_READ,
            FailureReason.CHANGED_WHILE_READ,
            FailureReason.CHANGED_WHILE_READ,
            FailureReason.NONE,
            FailureReason.NONE);
    assertThat(results.get(0).getMessage())
        .startsWith(FaultyFileSystem.uri(written) + " is not what it was when it was listed: ")
        .endsWith("Run again when nothing writes to the model.");
    if (operation == Operation.SIGN) {
      assertThat(TestRuns.bundleBeside(written)).doesNotExist();
      assertThat(TestRuns.bundleBeside(stays)).exists();
    }
    if (operation == Operation.RESIGN) {
      assertThat(results.get(4).getOutcome()).isEqualTo(Outcome.SIGNED);
    }
  }

  /** The link's folder has the very files of the model, so that only its bundle tells it apart. */
  @Test
  void sign_ofAModelWhoseFolderALinkReplaces_leavesTheBundleWhereTheLinkLeads() throws Exception {
    Path model = model("replaced");
    Path other = Files.createDirectory(folder.resolve("models/other"));
    put(other.resolve("model.sig"), "another model's bundle");
    for (String name : List.of("first", last(model))) {
      Files.createLink(other.resolve(name), model.resolve(name));
    }
    CatalogEntry entry =
        CatalogEntry.builder(0, FaultyFileSystem.uri(model))
            .name("replaced")
            .bundle(model.resolve("model.sig").toString())
            .build();
    runs.ignorePaths = List.of("model.sig");
    CompletableFuture<Void> replacement = whileReading(model, () -> replace(model, other));

    ModelResult result = runs.run(Operation.SIGN, List.of(entry)).get(0);

    replacement.join();
    assertThat(result.getReason()).isEqualTo(FailureReason.CHANGED_WHILE_READ);
    assertThat(result.getMessage())
        .startsWith(model + " is no longer the folder that it was when the model was listed");
    assertThat(other.resolve("model.sig")).hasContent("another model's bundle");
    assertThat(other.toFile().list()).hasSize(3);
  }

  private static void replace(Path model, Path other) {
    try {
      Files.move(model, model.resolveSibling("moved"));
      Files.createSymbolicLink(model, other);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A model of one unit, whose last file is slow. */
  private Path model(String name) throws IOException {
    Path model = Files.createDirectories(folder.resolve("models").resolve(name));
    put(model.resolve("first"), "first");
    Files.setLastModifiedTime(
        model.resolve("first"), FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
    Files.write(model.resolve(last(model)), new byte[10 * FaultyFileSystem.PIECE]);
    return model;
  }

  private static String last(Path model) {
    return "last-" + model.getFileName() + FaultyFileSystem.SLOW;
  }

  /** Changes a model while its last file is read: the one before it in the same unit was. */
  private static CompletableFuture<Void> whileReading(Path model, Runnable change) {
    return FaultyFileSystem.whileReading(last(model), change);
  }

  private static void put(Path file, String content) {
    try {
      Files.writeString(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
