package dev.countersign.storage.hadoop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.storage.IrregularEntry;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.ModelReader;
import dev.countersign.storage.ModelStorage;
import dev.countersign.storage.ModelStorageContract;
import dev.countersign.storage.PinnedFolder;
import dev.countersign.storage.RangeInput;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredFile;
import dev.countersign.storage.TemporaryNames;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.PrivilegedExceptionAction;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.security.UserGroupInformation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The contract, on a real HDFS, and what only HDFS has. */
final class HadoopStorageITCase extends ModelStorageContract {

  private static final long SMALLEST_BLOCK = 1 << 20;

  private static MiniDFSCluster cluster;
  private static DistributedFileSystem hdfs;

  private String folder;

  @BeforeAll
  static void startHdfs(@TempDir java.nio.file.Path disk) throws IOException {
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, disk.toString());
    configuration.setLong("dfs.blocksize", SMALLEST_BLOCK);
    cluster = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
    cluster.waitActive();
    hdfs = cluster.getFileSystem();
    Storages.configure(
        Map.of(
            "ipc.client.connect.max.retries", "0",
            "ipc.client.connect.retry.interval", "10"));
  }

  @AfterAll
  static void stopHdfs() {
    Storages.configure(Map.of());
    cluster.shutdown();
  }

  @BeforeEach
  void makeFolderForTest(TestInfo test) throws IOException {
    folder = hdfs.getUri() + "/tests/" + test.getTestMethod().orElseThrow().getName();
    delete(folder);
    makeFolder(folder);
  }

  @Test
  void read_overManyBlocks_givesAllBytes() throws Exception {
    byte[] content = new byte[(int) (2 * SMALLEST_BLOCK) + 17];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) (i % 251);
    }
    String uri = Storages.child(folder, "big");
    put(uri, content);
    ModelListing listing = list(folder);

    try (ModelReader reader = storage().openModel(folder, List.of())) {
      byte[] whole = readAll(reader, listing.files().get(0), 0, content.length);
      byte[] across =
          readAll(reader, listing.files().get(0), SMALLEST_BLOCK - 5, SMALLEST_BLOCK + 5);

      assertThat(whole).isEqualTo(content);
      assertThat(across)
          .isEqualTo(
              java.util.Arrays.copyOfRange(
                  content, (int) SMALLEST_BLOCK - 5, (int) SMALLEST_BLOCK + 5));
    }
  }

  @Test
  void read_ofFileReplacedBySameBytesAndTime_isChanged() throws Exception {
    String model = model("f");
    String uri = Storages.child(model, "f");
    var planned = list(model).files().get(0);

    hdfs.delete(new Path(uri), false);
    put(uri, "0123456789".getBytes(UTF_8));
    hdfs.setTimes(new Path(uri), planned.modifiedMillis(), -1);

    assertChanged(failure(() -> read(model, planned)), "was written to or replaced");
  }

  @ParameterizedTest
  @CsvSource({"0, 10", "0, 5", "5, 10"})
  void read_ofAFileThatTookThePlaceForAWhile_isChanged(long start, long end) throws Exception {
    String model = model("f", "other");
    Path place = new Path(Storages.child(model, "f"));
    Path aside = new Path(Storages.child(model, "aside"));
    Path other = new Path(Storages.child(model, "other"));
    StoredFile planned = list(model).files().get(0);

    hdfs.rename(place, aside);
    hdfs.rename(other, place);
    StorageException e;
    try (ModelReader reader = storage().openModel(model, List.of());
        RangeInput input = reader.open(planned, start, end)) {
      drain(input);
      hdfs.rename(place, other);
      hdfs.rename(aside, place);
      e = failure(input::finish);
    }

    assertThat(list(model).files()).contains(planned);
    assertChanged(e, "was replaced for a while");
  }

  @Test
  void read_ofAFileThatADirectoryReplaced_isChanged() throws Exception {
    String model = model("f");
    StoredFile planned = list(model).files().get(0);

    hdfs.delete(new Path(Storages.child(model, "f")), false);
    put(Storages.child(model, "f/f"), "0123456789".getBytes(UTF_8));

    assertChanged(failure(() -> read(model, planned)), "is no longer a regular file");
  }

  @Test
  void writeAtomically_overADirectoryInAPinnedFolder_isRefusedAndLeavesNothing() throws Exception {
    String uri = Storages.child(model("f"), "model.sig");
    PinnedFolder pinned = storage().pin(uri);
    makeFolder(uri);

    StorageException e = failure(() -> storage().writeAtomically(uri, new byte[1], pinned));

    assertThat(e).hasMessageContaining(uri + " is a directory");
    assertThat(list(Storages.parent(uri)).files()).hasSize(1);
  }

  @Test
  void read_ofAFileThatIsBeingWritten_isChanged() throws Exception {
    String model = model("f");
    try (FSDataOutputStream open = hdfs.append(new Path(Storages.child(model, "f")))) {
      open.write("more".getBytes(UTF_8));
      open.hflush();
      StoredFile listed = list(model).files().get(0);
      open.write("and more".getBytes(UTF_8));
      open.hflush();

      StorageException e = failure(() -> read(model, listed));

      assertThat(list(model).files().get(0)).as("what the name node tells").isEqualTo(listed);
      assertChanged(e, "had 14 bytes when the model was listed, and its readers see 22");
    }
  }

  @Test
  void sweepTemporaries_ofHdfs_removesStaleOnesOnly() throws Exception {
    String stale = Storages.child(folder, TemporaryNames.next());
    String live = Storages.child(folder, TemporaryNames.next());
    put(stale, new byte[5]);
    put(live, new byte[5]);
    hdfs.setTimes(new Path(stale), Instant.now().minus(Duration.ofMinutes(61)).toEpochMilli(), -1);

    storage().sweepTemporaries(Storages.child(folder, "model.sig"), PinnedFolder.unknown(folder));

    assertThat(storage().stat(stale)).isEmpty();
    assertThat(storage().stat(live)).isPresent();
  }

  @Test
  void writeAtomically_intoAFolderThatAnotherReplaced_writesNothing() throws Exception {
    String model = model("f");
    makeFolder(Storages.child(folder, "other"));
    String uri = Storages.child(model, "model.sig");
    PinnedFolder pinned = storage().pin(uri);
    hdfs.rename(new Path(model), new Path(Storages.child(folder, "moved")));
    hdfs.rename(new Path(Storages.child(folder, "other")), new Path(model));

    StorageException e = failure(() -> storage().writeAtomically(uri, new byte[1], pinned));

    assertChanged(e, model + " is no longer the folder that it was");
    assertThat(hdfs.listStatus(new Path(model))).isEmpty();
  }

  @Test
  void writeAtomically_overWebHdfsIntoAFolderThatAnotherReplaced_writesNothing() throws Exception {
    Path model = new Path(model("f"));
    Path other = new Path(Storages.child(folder, "other"));
    makeFolder(other.toString());
    String web = "webhdfs://" + cluster.getNameNode().getHttpAddress().getHostString();
    web += ":" + cluster.getNameNode().getHttpAddress().getPort() + model.toUri().getPath();
    String uri = Storages.child(web, "model.sig");
    ModelStorage storage = Storages.forUri(uri);
    PinnedFolder pinned = storage.pin(uri);
    String listed = storage.list(web, rules(name -> false, 9, 9)).identity();
    storage.writeAtomically(uri, new byte[1], pinned);
    hdfs.rename(model, new Path(Storages.child(folder, "moved")));
    hdfs.rename(other, model);

    StorageException e = failure(() -> storage.writeAtomically(uri, new byte[1], pinned));

    assertThat(pinned.identity()).isNotEmpty().isEqualTo(listed);
    assertChanged(e, web + " is no longer the folder that it was");
    assertThat(hdfs.listStatus(model)).isEmpty();
  }

  @Test
  void list_withoutPermission_isTyped() throws Exception {
    String model = model("open/f", "closed/f");
    hdfs.setPermission(new Path(Storages.child(model, "closed")), new FsPermission("700"));
    hdfs.setPermission(new Path(Storages.child(model, "open/f")), new FsPermission("600"));

    ModelListing listing = asNobody(() -> list(model));
    StorageException root = failure(() -> asNobody(() -> list(Storages.child(model, "closed"))));
    StorageException file = failure(() -> asNobody(() -> read(model, listing.files().get(0))));
    StorageException write =
        failure(
            () ->
                asNobody(
                    () -> {
                      storage().writeAtomically(Storages.child(model, "closed/s"), new byte[1]);
                      return "written";
                    }));

    assertThat(names(listing)).containsExactly("open/f");
    assertThat(listing.irregular())
        .extracting(IrregularEntry::name, IrregularEntry::kind)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(
                "closed", IrregularEntry.Kind.UNREADABLE_DIRECTORY));
    assertThat(root.kind()).isEqualTo(StorageException.Kind.PERMISSION_DENIED);
    assertThat(file.kind()).isEqualTo(StorageException.Kind.PERMISSION_DENIED);
    assertThat(file).hasMessageContaining("This user may not read ").hasMessageContaining("open/f");
    assertThat(write.kind()).isEqualTo(StorageException.Kind.NOT_WRITABLE);
    assertThat(write).hasMessageContaining("this user may not write there");
  }

  @Test
  void visitFolder_withoutPermission_isTyped() throws Exception {
    String model = model("closed/f");
    hdfs.setPermission(new Path(Storages.child(model, "closed")), new FsPermission("700"));

    StorageException e =
        failure(
            () ->
                asNobody(
                    () -> {
                      storage().visitFolder(Storages.child(model, "closed"), entry -> {});
                      return "listed";
                    }));

    assertThat(e.kind()).isEqualTo(StorageException.Kind.PERMISSION_DENIED);
    assertThat(e).hasMessageContaining("This user may not read ").hasMessageContaining("closed");
  }

  @Test
  void writeAtomically_pastAQuota_isNoSpaceAndLeavesNothing() throws Exception {
    Path full = new Path(Storages.child(folder, "full"));
    hdfs.mkdirs(full);
    hdfs.setQuota(full, Long.MAX_VALUE - 1, 1);

    StorageException e =
        failure(() -> storage().writeAtomically(full + "/model.sig", new byte[1000]));

    assertThat(e.kind()).isEqualTo(StorageException.Kind.NO_SPACE);
    assertThat(hdfs.listStatus(full)).isEmpty();
  }

  @Test
  void forUri_ofServerThatIsDown_isTransient() throws Exception {
    // Has the port, so that nobody else gets it, and does not listen.
    try (Socket silent = new Socket()) {
      silent.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      String model = "hdfs://127.0.0.1:" + silent.getLocalPort() + "/lake/m";

      StorageException e =
          failure(() -> Storages.forUri(model).list(model, rules(n -> false, 9, 9)));

      assertThat(e.kind()).isEqualTo(StorageException.Kind.UNREADABLE);
      assertThat(e.transientFault()).isTrue();
      assertThat(e)
          .hasMessage(
              model
                  + " cannot be read: its server refuses connections. Check that the store runs and"
                  + " can be reached.");
    }
  }

  @Override
  protected String folder() {
    return folder;
  }

  @Override
  protected void put(String uri, byte[] content) throws IOException {
    try (OutputStream output = hdfs.create(new Path(uri), true)) {
      output.write(content);
    }
  }

  @Override
  protected void append(String uri, byte[] content) throws IOException {
    try (OutputStream output = hdfs.append(new Path(uri))) {
      output.write(content);
    }
  }

  @Override
  protected void makeFolder(String uri) throws IOException {
    hdfs.mkdirs(new Path(uri));
  }

  @Override
  protected void delete(String uri) throws IOException {
    hdfs.delete(new Path(uri), true);
  }

  private static <T> T asNobody(PrivilegedExceptionAction<T> action) throws Exception {
    UserGroupInformation nobody =
        UserGroupInformation.createUserForTesting("nobody-here", new String[] {"nogroup"});
    try {
      return nobody.doAs(action);
    } catch (java.lang.reflect.UndeclaredThrowableException e) {
      throw (Exception) e.getCause();
    } finally {
      FileSystem.closeAllForUGI(nobody);
    }
  }
}
