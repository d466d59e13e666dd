package dev.countersign.catalog.file;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Any bytes are a catalog of JSON Lines; what breaks a rule is a record. */
final class JsonRecordsFuzzTest {

  @FuzzTest
  void fuzz(byte[] bytes) throws Exception {
    CatalogTexts.requireSound(
        CatalogTexts.all(new JsonRecords(CatalogTexts.input(bytes))), bytes.length);
  }
}
