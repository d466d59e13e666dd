package dev.countersign.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class ListedEntriesTest {

  @Test
  void open_givesTheEntriesEachTime() throws Exception {
    List<CatalogEntry> entries = new ArrayList<>();
    for (int id = 0; id < 1_000; id++) {
      entries.add(entry(id));
    }

    ListedEntries source = ListedEntries.of(entries);

    assertThat(source.size()).isEqualTo(1_000);
    assertThat(StreamedEntries.of(source)).isEqualTo(entries);
    assertThat(StreamedEntries.of(source)).isEqualTo(entries);
  }

  @Test
  void identity_isTheListsAlone() {
    ListedEntries source = ListedEntries.of(List.of(entry(0), entry(1)));

    assertThat(source.identity())
        .hasSize(64)
        .isEqualTo(ListedEntries.of(List.of(entry(0), entry(1))).identity())
        .isNotEqualTo(ListedEntries.of(List.of(entry(0))).identity())
        .isNotEqualTo(ListedEntries.of(List.of(entry(0), other(entry(1)))).identity());
  }

  private static CatalogEntry other(CatalogEntry entry) {
    return CatalogEntry.builder(entry.id(), entry.model() + "-2")
        .name(entry.name())
        .version(entry.version())
        .bundle(entry.bundle())
        .build();
  }

  @Test
  void of_noEntry_isEmpty() throws Exception {
    assertThat(StreamedEntries.of(ListedEntries.of(List.of()))).isEmpty();
  }

  @Test
  void of_manyEntries_takesLittleRoom() throws IOException {
    List<CatalogEntry> entries = LongStream.range(0, 10_000).mapToObj(id -> entry(id)).toList();

    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(ListedEntries.of(entries));
    }

    assertThat(bytes.size()).isLessThan(60 * entries.size());
  }

  @Test
  void of_entriesWithOtherIdsThanTheirPositions_isRefused() {
    assertThatThrownBy(() -> ListedEntries.of(List.of(entry(0), entry(2))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the id of entry 1 is another");
  }

  @Test
  void identity_ofALinkThatMoves_staysTheSame() {
    CatalogEntry link = entry(0).linkedTo("/lake/step-1");

    assertThat(ListedEntries.of(List.of(link)).identity())
        .isEqualTo(ListedEntries.of(List.of(link.linkedTo("/lake/step-2"))).identity())
        .isNotEqualTo(ListedEntries.of(List.of(link.linkedTo(""))).identity());
  }

  private static CatalogEntry entry(long id) {
    String model = "/lake/organization/model-" + id;
    return CatalogEntry.builder(id, model)
        .line(id + 1)
        .name("organization/model-" + id)
        .version("v" + id % 3)
        .bundle(model + "/model.sig")
        .bundleByKind(id % 2 == 0)
        .ignorePaths(id % 5 == 0 ? List.of("logs") : List.of())
        .labels(id % 7 == 0 ? Map.of("owner", "team-" + id % 4) : Map.of())
        .linkTo(id % 9 == 0 ? "/lake/organization/model-" + (id + 1) : "")
        .globRoot(id % 9 == 0 ? "/lake" : "")
        .build();
  }
}
