package dev.countersign.catalog.file;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.catalog.CatalogException;
import java.util.List;

/** Any bytes are an Avro catalog or a {@link CatalogException}; what breaks a rule is a record. */
final class AvroRecordsFuzzTest {

  @FuzzTest
  void fuzz(byte[] bytes) throws Exception {
    List<CatalogRecord> records;
    try {
      records = CatalogTexts.all(new AvroRecords(CatalogTexts.input(bytes), "c.avro"));
    } catch (CatalogException e) {
      return;
    }
    // Blocks may be packed, so records are not as few as the bytes.
    CatalogTexts.requireSound(records, Integer.MAX_VALUE);
  }
}
