package dev.countersign.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.ReplacedBundle;
import dev.countersign.schemas.ListedModel;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.sink.BundleWriter;
import dev.countersign.sink.WritePermit;
import dev.countersign.source.planning.ExistingBundle;
import dev.countersign.source.planning.ListingCheck;
import dev.countersign.source.planning.ModelPlanner;
import dev.countersign.source.planning.ModelPlanner.EarlierWork;
import dev.countersign.source.planning.ResignSettings;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.storage.PinnedFolder;
import dev.countersign.storage.Storages;
import dev.countersign.storage.StoredObject;
import dev.countersign.storage.SweptFolders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Calls that a run makes to its store, as the tables in this module's CALLS.md say. Replace a table
 * by the one in this test's message.
 */
abstract class StorageCallsContract {

  private static final String BUNDLE = "model.sig";

  @TempDir Path folder;

  PlanFixture fixture;
  private int models;

  /** Returns the name of the store's table in the README. */
  abstract String table();

  /** Copies a local folder into the store, and returns the URI of the copy. */
  abstract String put(Path folder) throws Exception;

  @BeforeEach
  void makeSigner() throws Exception {
    fixture = new PlanFixture(folder);
  }

  @Test
  void calls_ofEachCommand_areThoseInTheReadme() throws Exception {
    String begin = "<!-- " + table() + ":begin -->\n";
    String text = Files.readString(Path.of("CALLS.md"));
    String written =
        text.substring(
            text.indexOf(begin) + begin.length(), text.indexOf("<!-- " + table() + ":end -->"));

    assertThat(written).isEqualTo(measured());
  }

  /** Returns the calls since the last time. */
  List<String> take() {
    return StorageCalls.take();
  }

  /** Returns the rows of the table as they are. */
  String measured() throws Exception {
    return rows();
  }

  final String rows() throws Exception {
    return String.join(
        "\n",
        heading(),
        row("`sign`", Operation.SIGN, ExistingBundle.REPLACE),
        row("`sign --no-overwrite`", Operation.SIGN, ExistingBundle.REFUSE),
        row("`sign --skip-signed`, signed", Operation.SIGN, ExistingBundle.SKIP_IF_SIGNED),
        row("`verify`", Operation.VERIFY, ExistingBundle.REPLACE),
        row("`digest`", Operation.DIGEST, ExistingBundle.REPLACE),
        row("`resign`", Operation.RESIGN, ExistingBundle.REPLACE),
        "");
  }

  String heading() {
    return "| Command | Planning, per model | Per subfolder | Reading, per file | Last check |"
        + " Writing |\n|---|---|---|---|---|---|";
  }

  String row(String command, Operation operation, ExistingBundle existing) throws Exception {
    boolean signed = operation == Operation.VERIFY || operation == Operation.RESIGN;
    boolean skipped = existing == ExistingBundle.SKIP_IF_SIGNED;
    String flat = model(signed || skipped, "a", "b");
    String deep = model(signed || skipped, "a", "b", "s/c", "t/d", "u/e");
    use(operation, existing);

    ModelPlan plan = plan(flat);
    List<String> planning = take();
    ModelPlan deepPlan = plan(deep);
    List<String> deepPlanning = take();
    List<String> inSubfolders = new ArrayList<>(deepPlanning);
    planning.forEach(inSubfolders::remove);
    assertThat(inSubfolders.size() % 3).isZero();
    assertThat(deepPlan.verdict() == null).as("%s", deepPlan.verdict()).isEqualTo(!skipped);
    String cells = cell(planning) + cell(inSubfolders.subList(0, inSubfolders.size() / 3));
    if (skipped) {
      return "| " + command + " |" + cells + " | | |";
    }
    List<UnitRecord> records = fixture.hash(plan);
    List<String> reading = take();
    assertThat(reading.size() % 2).isZero();
    ModelHeader header = plan.units().get(0).getHeader();
    List<StoredObject> seen = ListingCheck.requireUnchanged(header);
    return "| "
        + command
        + " |"
        + cells
        + cell(reading.subList(0, reading.size() / 2))
        + cell(take())
        + (operation == Operation.SIGN || operation == Operation.RESIGN
            ? cell(write(plan, records, header, seen))
            : " |");
  }

  final void use(Operation operation, ExistingBundle existing) {
    fixture.operation = operation;
    fixture.existing = existing;
    fixture.resigning = new ResignSettings(fixture.trusted, null, null, 0, false, false);
  }

  private static String cell(List<String> calls) {
    return calls.isEmpty()
        ? " 0 |"
        : String.format(Locale.ROOT, " %d: %s |", calls.size(), String.join(", ", calls));
  }

  final ModelPlan plan(String model) throws Exception {
    return plan(model, new ModelPlanner(fixture.settings(), fixture.window, fixture.clock));
  }

  final ModelPlan plan(String model, ModelPlanner planner) {
    SweptFolders.forget();
    List<String> unused = take();
    return planner.plan(
        CatalogEntry.builder(0, model)
            .name("m")
            .bundle(Storages.child(model, BUNDLE))
            .bundleByKind(true)
            .build(),
        EarlierWork.NONE);
  }

  /**
   * Writes in another process than the one that planned, as on a cluster.
   *
   * @param seen what the last check has seen
   */
  final List<String> write(
      ModelPlan plan, List<UnitRecord> records, ModelHeader header, List<StoredObject> seen)
      throws Exception {
    SweptFolders.forget();
    ListedModel listing = header.getListing();
    String uri = header.getBundle();
    BundleWriter writer =
        new BundleWriter(
            fixture.signer().ownVerifier(fixture.bounds),
            fixture.bounds,
            fixture.existing != ExistingBundle.REFUSE,
            Optional.empty());
    BundleWriter.Target target =
        new BundleWriter.Target(
            uri,
            new PinnedFolder(listing.getFolder(), listing.getFolderIdentity()),
            () -> seen,
            ListingCheck.sees(header),
            new WritePermit(() -> {}));
    List<String> unused = take();
    if (header.getOperation() == Operation.RESIGN) {
      // The signature over the same statement would be the same.
      plan.units().get(0).getHeader().setSubject("another name");
      ReplacedBundle copy = ReplacedBundle.of(uri, fixture.settings().runId());
      String sha256 =
          writer.replace(target, fixture.sign(plan, records), header.getBundleSha256(), copy);
      assertThat(sha256).isNotEqualTo(header.getBundleSha256());
      copy.delete();
    } else {
      assertThat(writer.write(target, fixture.sign(plan, records))).hasSize(64);
    }
    return take();
  }

  final String model(boolean signed, String... files) throws Exception {
    Path model = Files.createDirectory(folder.resolve("m" + models++));
    for (String file : files) {
      Files.createDirectories(model.resolve(file).getParent());
      Files.writeString(model.resolve(file), file);
    }
    if (signed) {
      fixture.existing = ExistingBundle.REPLACE;
      fixture.sign(model);
    }
    return put(model);
  }
}
