package dev.countersign.storage.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.countersign.storage.AtomicOutput;
import dev.countersign.storage.PinnedFolder;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.SweptFolders;
import dev.countersign.storage.TemporaryNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can go wrong with a file on a local disk, and that nothing half-written is ever left. */
final class LocalFileWriterTest {

  @TempDir private Path folder;

  @Test
  void write_overALink_replacesTheLinkAndNotItsTarget() throws Exception {
    Files.writeString(folder.resolve("target"), "untouched");
    Files.createSymbolicLink(folder.resolve("model.sig"), Path.of("target"));

    write("model.sig", "new");

    assertThat(folder.resolve("model.sig")).isRegularFile().hasContent("new");
    assertThat(Files.isSymbolicLink(folder.resolve("model.sig"))).isFalse();
    assertThat(folder.resolve("target")).hasContent("untouched");
  }

  @Test
  void write_overAPipe_isRefusedAndLeavesIt() throws Exception {
    Path pipe = folder.resolve("model.sig");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    StorageException refused =
        catchThrowableOfType(StorageException.class, () -> write("model.sig", "new"));

    assertThat(refused.kind()).isEqualTo(StorageException.Kind.NOT_WRITABLE);
    assertThat(refused)
        .hasMessage(
            pipe + " is a pipe, a socket or a device, and no file replaces it. Name another file.");
    assertThat(Files.readAttributes(pipe, BasicFileAttributes.class).isOther()).isTrue();
    assertThat(names()).containsExactly("model.sig");
  }

  @Test
  void write_afterACrash_removesTheTemporaryFileOfTheProcessThatEnded() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    assertThat(ended.waitFor()).isZero();
    Files.writeString(folder.resolve(temporaryOf(ended.pid())), "half of it");

    write("model.sig", "new");

    assertThat(names()).containsExactly("model.sig");
    assertThat(folder.resolve("model.sig")).hasContent("new");
  }

  @Test
  void write_besideOthersTemporaryFiles_removesStaleOnesOnly() throws Exception {
    String live = temporaryOf(ProcessHandle.current().pid());
    String elsewhere = TemporaryNames.PREFIX + "0".repeat(16) + "-1-" + "0".repeat(32);
    String stale = TemporaryNames.PREFIX + "0".repeat(16) + "-2-" + "0".repeat(32);
    String link = TemporaryNames.PREFIX + "0".repeat(16) + "-3-" + "0".repeat(32);
    String content = TemporaryNames.PREFIX + "weights";
    for (String name : List.of(live, elsewhere, stale, content)) {
      Files.writeString(folder.resolve(name), "x");
    }
    Files.createSymbolicLink(folder.resolve(link), Path.of(content));
    for (String name : List.of(stale, content)) {
      Files.setLastModifiedTime(
          folder.resolve(name), FileTime.from(Instant.now().minus(Duration.ofMinutes(61))));
    }

    write("model.sig", "new");

    assertThat(names()).containsExactlyInAnyOrder(live, elsewhere, link, content, "model.sig");
  }

  @Test
  void write_intoAFolderThatALinkReplaced_writesNothing() throws Exception {
    Path model = Files.createDirectory(folder.resolve("model"));
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(other.resolve("model.sig"), "another model's");
    PinnedFolder pinned = new LocalFileWriter(model + "/model.sig").pin();
    Files.delete(model);
    Files.createSymbolicLink(model, other);

    assertRefused(model, pinned);

    assertThat(other).isDirectoryContaining(path -> path.endsWith("model.sig"));
    assertThat(other.resolve("model.sig")).hasContent("another model's");
  }

  @Test
  void sweep_ofAFolderThatALinkReplaced_deletesNothing() throws Exception {
    Path model = Files.createDirectory(folder.resolve("model"));
    Path other = Files.createDirectory(folder.resolve("other"));
    Path stale = Files.createFile(other.resolve(TemporaryNames.next()));
    Files.setLastModifiedTime(stale, FileTime.fromMillis(0));
    LocalFileWriter writer = new LocalFileWriter(model + "/model.sig");
    PinnedFolder pinned = writer.pin();
    Files.delete(model);
    Files.createSymbolicLink(model, other);
    SweptFolders.forget();

    writer.sweep(pinned);
    assertThat(stale).exists();

    SweptFolders.forget();
    new LocalFileWriter(other + "/model.sig").sweep(PinnedFolder.unknown(other.toString()));
    assertThat(stale).doesNotExist();
  }

  @Test
  void delete_inAFolderThatIsMissing_makesNothing() throws Exception {
    LocalFileWriter writer = new LocalFileWriter(folder + "/later/model/model.sig");

    writer.delete(writer.pin());

    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void write_intoAFolderThatAnotherReplaced_writesNothing() throws Exception {
    Path model = Files.createDirectory(folder.resolve("model"));
    Path other = Files.createDirectory(folder.resolve("other"));
    PinnedFolder pinned = new LocalFileWriter(model + "/model.sig").pin();
    Files.move(model, folder.resolve("moved"));
    Files.move(other, model);

    assertRefused(model, pinned);

    assertThat(model).isEmptyDirectory();
  }

  @Test
  void write_belowAPinnedFolderThroughALink_writesNothing() throws Exception {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Path model = folder.resolve("later/model");
    PinnedFolder pinned = new LocalFileWriter(model + "/model.sig").pin();
    assertThat(pinned.uri()).isEqualTo(folder.toString());
    Files.createSymbolicLink(folder.resolve("later"), elsewhere);

    assertRefused(model, pinned);

    assertThat(elsewhere).isEmptyDirectory();
  }

  @Test
  void commit_afterALinkReplacedTheFolder_goesToTheFolderThatWasOpened() throws Exception {
    Path model = Files.createDirectory(folder.resolve("model"));
    Path other = Files.createDirectory(folder.resolve("other"));
    LocalFileWriter writer = new LocalFileWriter(model + "/model.sig");

    try (AtomicOutput output = writer.open(1, writer.pin())) {
      output.write('x');
      Files.move(model, folder.resolve("moved"));
      Files.createSymbolicLink(model, other);
      output.commit();
    }

    assertThat(other).isEmptyDirectory();
    assertThat(folder.resolve("moved/model.sig")).hasContent("x");
    assertThat(folder.resolve("moved").toFile().list()).containsExactly("model.sig");
  }

  @Test
  void pin_throughALink_identifiesTheFolderAtItsEnd() throws Exception {
    Path step = Files.createDirectory(folder.resolve("step-200"));
    Path latest = Files.createSymbolicLink(folder.resolve("latest"), step);
    LocalFileWriter writer = new LocalFileWriter(latest + "/model.sig");

    writer.write("new".getBytes(UTF_8), writer.pin());

    assertThat(step.resolve("model.sig")).hasContent("new");
  }

  @Test
  void pinBeside_aModelThatWasListed_isItsFolder() throws Exception {
    Path file = Files.writeString(folder.resolve("model.bin"), "content");
    Path model = Files.createDirectory(folder.resolve("model"));
    Path latest = Files.createSymbolicLink(folder.resolve("latest"), model);

    for (Path listed : List.of(file, model, latest)) {
      LocalFileWriter writer = new LocalFileWriter(listed + ".sig");
      assertThat(writer.pinBeside(listed.toString(), identity(listed))).isEqualTo(writer.pin());
    }
  }

  @Test
  void pinBeside_throughALinkThatLeadsToAnotherModelByNow_isChanged() throws Exception {
    Path own = Files.createDirectory(folder.resolve("own"));
    Path other = Files.createDirectory(folder.resolve("other"));
    for (Path models : List.of(own, other)) {
      Files.writeString(models.resolve("m"), "content");
      Files.createDirectory(models.resolve("d"));
    }
    Path team = Files.createSymbolicLink(folder.resolve("team"), own);
    List<Path> listed = List.of(team.resolve("m"), team.resolve("d"));
    List<String> identities = List.of(identity(listed.get(0)), identity(listed.get(1)));
    Files.delete(team);
    Files.createSymbolicLink(team, other);

    for (int i = 0; i < listed.size(); i++) {
      assertNotBeside(listed.get(i), identities.get(i));
    }
    Files.delete(other.resolve("m"));
    assertNotBeside(listed.get(0), identities.get(0));
    Files.delete(team);
    assertNotBeside(listed.get(0), identities.get(0));
    assertThat(team).doesNotExist();
  }

  @Test
  void pinBelow_aFolder_takesNoLinkBelowIt() throws Exception {
    Path root = Files.createDirectory(folder.resolve("root"));
    Path team = Files.createDirectory(root.resolve("team"));
    Path latest = Files.createSymbolicLink(folder.resolve("latest"), root);

    for (String name : List.of("a.sig", "team/a.sig", "team/missing/a.sig", "missing/a.sig")) {
      LocalFileWriter writer = new LocalFileWriter(latest + "/" + name);
      assertThat(writer.pinBelow(latest.toString())).as(name).isEqualTo(writer.pin());
    }
    Path missing = folder.resolve("missing/root");
    assertThat(new LocalFileWriter(missing + "/a.sig").pinBelow(missing.toString()).uri())
        .isEqualTo(folder.toString());

    Path victim = Files.createDirectories(folder.resolve("victim/deep")).getParent();
    Files.delete(team);
    Files.createSymbolicLink(team, victim);
    for (String name : List.of("team/a.sig", "team/deep/a.sig", "team/missing/a.sig")) {
      StorageException e =
          catchThrowableOfType(
              StorageException.class,
              () -> new LocalFileWriter(root + "/" + name).pinBelow(root.toString()));
      assertThat(e).as(name).isNotNull();
      assertThat(e.kind()).isEqualTo(StorageException.Kind.NOT_WRITABLE);
      assertThat(e).hasMessageContaining("a link below " + root + " leads there. Replace the link");
    }
  }

  private static String identity(Path path) throws IOException {
    return LocalAttributes.of(path).identity();
  }

  private static void assertNotBeside(Path model, String identity) {
    StorageException e =
        catchThrowableOfType(
            StorageException.class,
            () -> new LocalFileWriter(model + ".sig").pinBeside(model.toString(), identity));
    assertThat(e).as("a change").isNotNull();
    assertThat(e.kind()).isEqualTo(StorageException.Kind.CHANGED);
  }

  @Test
  void write_byManyWritersOfOneFile_isNeverSeenTorn() throws Exception {
    byte[][] contents = {new byte[300_000], new byte[200_000], new byte[100_000]};
    AtomicBoolean done = new AtomicBoolean();
    CountDownLatch reading = new CountDownLatch(1);
    write("model.sig", "x");
    ExecutorService writers = Executors.newFixedThreadPool(contents.length);
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < contents.length; i++) {
      byte[] content = contents[i];
      Arrays.fill(content, (byte) ('a' + i));
      running.add(
          writers.submit(
              () -> {
                reading.await();
                for (int round = 0; round < 50; round++) {
                  write("model.sig", new String(content, UTF_8));
                }
                return null;
              }));
    }
    ExecutorService reader = Executors.newSingleThreadExecutor();
    Future<Long> torn = reader.submit(() -> torn(contents, reading, done));
    reader.shutdown();
    for (Future<?> writer : running) {
      writer.get(180, TimeUnit.SECONDS);
    }
    done.set(true);
    writers.shutdown();

    assertThat(torn.get(60, TimeUnit.SECONDS)).isZero();
    assertThat(names()).containsExactly("model.sig");
  }

  private long torn(byte[][] whole, CountDownLatch reading, AtomicBoolean done) throws IOException {
    long torn = 0;
    while (!done.get()) {
      byte[] seen = Files.readAllBytes(folder.resolve("model.sig"));
      reading.countDown();
      if (seen.length > 1 && Arrays.stream(whole).noneMatch(one -> Arrays.equals(one, seen))) {
        torn++;
      }
    }
    return torn;
  }

  @Test
  void write_ofALargeFile_takesNoSuchMemoryOutsideTheHeap() throws Exception {
    byte[] content = new byte[32 << 20];
    Arrays.fill(content, (byte) 7);
    long before = DirectMemory.bytes();

    LocalFileWriter writer = new LocalFileWriter(folder + "/model.sig");
    writer.write(content, writer.pin());

    assertThat(DirectMemory.bytes() - before).isLessThan(4 << 20);
    assertThat(Files.readAllBytes(folder.resolve("model.sig"))).isEqualTo(content);
  }

  @Test
  void write_toADiskThatIsFull_isNoSpaceAndLeavesTheOldFileWhole() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk.toString()) == 0,
        "needs the right to mount");
    try {
      write("disk/model.sig", "old");

      String full = disk + "/model.sig";
      StorageException e =
          catchThrowableOfType(
              StorageException.class,
              () -> Storages.forUri(full).writeAtomically(full, new byte[100_000]));

      assertThat(e.kind()).isEqualTo(StorageException.Kind.NO_SPACE);
      assertThat(e)
          .hasMessage(
              disk
                  + "/model.sig cannot be written: no space is left for its 100000 bytes. Free"
                  + " some, or name another place.");
      assertThat(disk.resolve("model.sig")).hasContent("old");
      assertThat(disk.toFile().list()).containsExactly("model.sig");
    } finally {
      assertThat(run("umount", disk.toString())).isZero();
    }
  }

  @Test
  void write_whereNobodyMay_isNotWritable() {
    // A file system of the kernel's own: not even root makes files there.
    String uri = "/proc/model.sig";

    StorageException e =
        catchThrowableOfType(
            StorageException.class, () -> Storages.forUri(uri).writeAtomically(uri, new byte[1]));

    assertThat(e.kind()).isEqualTo(StorageException.Kind.NOT_WRITABLE);
    assertThat(e)
        .hasMessageContaining("/proc/model.sig cannot be written: ")
        .hasMessageEndingWith("or name another place.");
  }

  @Test
  void write_intoAFolderThatCannotBeRead_saysThatItMustBe() throws Exception {
    Path box = Files.createDirectory(folder.resolve("box"));
    Files.setPosixFilePermissions(box, PosixFilePermissions.fromString("-wx------"));
    assumeFalse(Files.isReadable(box), "root may read any folder");

    StorageException e =
        catchThrowableOfType(StorageException.class, () -> write("box/model.sig", "new"));

    assertThat(e)
        .hasMessage(
            box
                + "/model.sig cannot be written: this user may not read its folder, which is held"
                + " open meanwhile. Grant read and write access to its folder, or name another"
                + " place.");
  }

  private void write(String name, String content) throws StorageException {
    LocalFileWriter writer = new LocalFileWriter(folder + "/" + name);
    writer.write(content.getBytes(UTF_8), writer.pin());
  }

  private static void assertRefused(Path model, PinnedFolder pinned) throws Exception {
    LocalFileWriter writer = new LocalFileWriter(model + "/model.sig");
    StorageException e =
        catchThrowableOfType(StorageException.class, () -> writer.write(new byte[1], pinned));
    assertThatThrownBy(() -> writer.delete(pinned)).hasMessage(e.getMessage());
    assertThat(e.kind()).isEqualTo(StorageException.Kind.CHANGED);
    assertThat(e)
        .hasMessage(
            model
                + " is no longer the folder that it was when the model was listed, so nothing is"
                + " written there. Run again when nothing writes to the model.");
  }

  /** Returns the name of a temporary file that a process of this host made. */
  private static String temporaryOf(long pid) {
    String[] parts = TemporaryNames.next().split("-");
    parts[3] = Long.toHexString(pid);
    return String.join("-", parts);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).toList();
    }
  }

  private static int run(String... command) throws Exception {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
