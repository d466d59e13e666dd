package dev.countersign.catalog.file;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.catalog.CatalogException;
import java.util.List;

/** Any bytes are a CSV catalog or a {@link CatalogException}; what breaks a rule is a record. */
final class CsvRecordsFuzzTest {

  @FuzzTest
  void fuzz(byte[] bytes) throws Exception {
    List<CatalogRecord> records;
    try {
      records = CatalogTexts.all(new CsvRecords(CatalogTexts.input(bytes), "c.csv"));
    } catch (CatalogException e) {
      return;
    }
    CatalogTexts.requireSound(records, bytes.length);
  }
}
