package dev.countersign.catalog.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.catalog.BundleTemplate;
import dev.countersign.catalog.CatalogEntry;
import dev.countersign.catalog.EntryRules;
import dev.countersign.storage.Storages;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Catalogs in memory, and what is read of them. */
final class CatalogTexts {

  private CatalogTexts() {}

  /** Gives bytes through a buffer so small that it ends in the middle of everything. */
  static CatalogInput input(byte[] bytes) {
    ByteArrayInputStream stream = new ByteArrayInputStream(bytes);
    return new CatalogInput(
        new CatalogInput.Bytes() {
          @Override
          public int read(byte[] buffer, int offset, int length) {
            return stream.read(buffer, offset, length);
          }

          @Override
          public void close() {}
        },
        null,
        7);
  }

  static CatalogInput input(String text) {
    return input(text.getBytes(StandardCharsets.UTF_8));
  }

  static List<CatalogRecord> all(RecordReader reader) throws Exception {
    List<CatalogRecord> records = new ArrayList<>();
    for (Optional<CatalogRecord> next = reader.next(); next.isPresent(); next = reader.next()) {
      records.add(next.get());
    }
    return records;
  }

  static List<CatalogRecord> csv(String text) throws Exception {
    return all(new CsvRecords(input(text), "c.csv"));
  }

  static List<CatalogRecord> json(String text) throws Exception {
    return all(new JsonRecords(input(text)));
  }

  /** Requires that lines go up, that bounds hold, and that each record makes an entry. */
  static void requireSound(List<CatalogRecord> records, int most) {
    EntryMaker maker =
        new EntryMaker(
            "/lake/c.csv",
            CatalogFormat.CSV,
            new EntryRules(
                BundleTemplate.standard(),
                List.of("/signatures"),
                List.of(),
                EntryRules.Ignores.ALLOWED));
    assertThat(records.size()).isLessThanOrEqualTo(most);
    long line = 0;
    for (CatalogRecord record : records) {
      assertThat(record.line()).isGreaterThanOrEqualTo(line);
      line = record.line();
      assertThat(record.labels().size()).isLessThanOrEqualTo(CatalogLimits.MAX_LABELS);
      CatalogEntry entry = maker.entry(line, record);
      assertThat(entry.line()).isEqualTo(line);
      assertThat(entry.isGood()).isEqualTo(entry.fault().isEmpty());
      if (!record.fault().isEmpty()) {
        assertThat(entry.isGood()).isFalse();
      } else if (entry.isGood()) {
        assertThat(Storages.absolute(entry.model(), "/")).isEqualTo(entry.model());
        assertThat(entry.bundle()).isNotEmpty();
      }
    }
  }
}
