package dev.countersign.source;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.UnitRecord;
import dev.countersign.source.planning.ExistingBundle;
import dev.countersign.source.planning.ListingCheck;
import dev.countersign.source.units.ModelPlan;
import dev.countersign.storage.StoredObject;
import dev.countersign.storage.objects.FakeBucket;
import dev.countersign.storage.objects.FakeStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Requests to an object store. */
final class ObjectCallsTest extends StorageCallsContract {

  private static final String BUCKET = "calls";

  private final FakeBucket bucket = FakeStore.bucket(BUCKET);

  @Override
  String table() {
    return "calls-objects";
  }

  @Override
  List<String> take() {
    return bucket.takeLog().stream()
        .map(request -> request.substring(0, request.indexOf(' ')))
        .toList();
  }

  /** Stores the bundle last, so that it is newer than all else. */
  @Override
  String put(Path folder) throws IOException {
    String model = "models/" + folder.getFileName();
    bucket.keys().stream().filter(key -> key.startsWith(model + "/")).forEach(bucket::remove);
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> inOrder =
          files
              .filter(Files::isRegularFile)
              .sorted(Comparator.comparing((Path file) -> file.endsWith("model.sig")))
              .toList();
      for (Path file : inOrder) {
        bucket.put(model + "/" + folder.relativize(file), Files.readAllBytes(file));
      }
    }
    return FakeStore.SCHEME + "://" + BUCKET + "/" + model;
  }

  @Test
  void sign_ofTwentyFilesWithABundle_lists2TimesReads21TimesAndWritesOnce() throws Exception {
    String model =
        model(true, IntStream.range(0, 20).mapToObj(i -> "f" + i).toArray(String[]::new));
    bucket.put(
        model.substring((FakeStore.SCHEME + "://" + BUCKET + "/").length()) + "/f0", new byte[1]);
    use(Operation.SIGN, ExistingBundle.REPLACE);

    ModelPlan plan = plan(model);
    List<String> requests = new ArrayList<>(take());
    List<UnitRecord> records = fixture.hash(plan);
    ModelHeader header = plan.units().get(0).getHeader();
    List<StoredObject> seen = ListingCheck.requireUnchanged(header);
    requests.addAll(take());
    requests.addAll(write(plan, records, header, seen));

    assertThat(requests.stream().collect(groupingBy(Function.identity(), counting())))
        .isEqualTo(Map.of("LIST", 2L, "GET", 21L, "PUT", 1L));
  }
}
