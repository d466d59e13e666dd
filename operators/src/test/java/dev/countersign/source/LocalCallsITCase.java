package dev.countersign.source;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.source.planning.ExistingBundle;
import dev.countersign.source.planning.ListingCheck;
import dev.countersign.source.units.ModelPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Calls to local disks, made in a process whose file system counts them. */
final class LocalCallsITCase extends StorageCallsContract {

  @Override
  String table() {
    return "calls-local";
  }

  @Override
  String put(Path folder) {
    return folder.toString();
  }

  @Override
  String measured() throws Exception {
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-D" + CountedDisk.PROPERTY + "=" + CountedDisk.class.getName(),
                "-D" + CountedDisk.PREFIX + "=" + folder.resolve("m"),
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                folder.toString())
            .redirectOutput(log.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    boolean ended = process.waitFor(2, TimeUnit.MINUTES);
    process.destroyForcibly();

    String output = Files.readString(log);
    assertThat(ended && process.waitFor() == 0).as("ended well: %s", output).isTrue();
    return output;
  }

  @Override
  String heading() {
    return "| Command | Planning, per model | Per subfolder | Per file | Reading, per file |"
        + " Writing |\n|---|---|---|---|---|---|";
  }

  @Override
  String row(String command, Operation operation, ExistingBundle existing) throws Exception {
    boolean skipped = existing == ExistingBundle.SKIP_IF_SIGNED;
    boolean signed = skipped || operation == Operation.VERIFY || operation == Operation.RESIGN;
    String two = model(signed, "a", "b");
    String four = model(signed, "a", "b", "c", "d");
    String deep = model(signed, "a", "b", "s/c", "t/d", "u/e");
    use(operation, existing);

    ModelPlan plan = plan(two);
    List<String> planning = StorageCalls.take();
    ModelPlan planOfFour = plan(four);
    List<String> perFile = share(StorageCalls.take(), planning, 2);
    ModelPlan planOfDeep = plan(deep);
    List<String> perSubfolder = without(share(StorageCalls.take(), planning, 3), perFile);
    List<String> perModel = without(planning, perFile, perFile);
    String cells = cell(perModel) + cell(perSubfolder) + cell(perFile);
    if (skipped) {
      return "| " + command + " |" + cells + " | |";
    }
    List<UnitRecord> records = fixture.hash(plan);
    List<String> reading = StorageCalls.take();
    assertThat(fixture.hash(planOfFour)).isNotEmpty();
    List<String> perFileRead = share(StorageCalls.take(), reading, 2);
    assertThat(without(reading, perFileRead, perFileRead)).containsExactly("resolve", "folder");
    ModelHeader header = plan.units().get(0).getHeader();
    ListingCheck.requireUnchanged(planOfDeep.units().get(0).getHeader());
    assertThat(StorageCalls.take())
        .as("last check: as planning alone")
        .hasSize(4 + 3 * perSubfolder.size() + 5 * perFile.size());
    return "| "
        + command
        + " |"
        + cells
        + cell(perFileRead)
        + (operation == Operation.SIGN || operation == Operation.RESIGN
            ? cell(write(plan, records, header, List.of()))
            : " |");
  }

  private static String cell(List<String> calls) {
    Map<String, Integer> counts = new TreeMap<>();
    calls.forEach(call -> counts.merge(call, 1, Integer::sum));
    return counts.entrySet().stream()
        .map(call -> (call.getValue() == 1 ? "" : call.getValue() + " ") + call.getKey())
        .collect(joining(", ", " " + calls.size() + ": ", " |"));
  }

  /** Returns one of some equal parts of what a list has in addition to another. */
  private static List<String> share(List<String> more, List<String> less, int parts) {
    List<String> all = without(more, less).stream().sorted().toList();
    List<String> part = new ArrayList<>();
    for (int i = 0; i < all.size(); i += parts) {
      assertThat(all.subList(i, i + parts)).containsOnly(all.get(i));
      part.add(all.get(i));
    }
    return part;
  }

  @SafeVarargs
  private static List<String> without(List<String> calls, List<String>... others) {
    List<String> rest = new ArrayList<>(calls);
    for (List<String> other : others) {
      other.forEach(call -> assertThat(rest.remove(call)).as("%s in %s", call, rest).isTrue());
    }
    return rest;
  }

  /** Measures in a process of its own. */
  static final class Child {
    public static void main(String[] arguments) throws Exception {
      LocalCallsITCase calls = new LocalCallsITCase();
      calls.folder = Path.of(arguments[0]);
      calls.makeSigner();
      System.out.print(calls.rows());
    }
  }
}
