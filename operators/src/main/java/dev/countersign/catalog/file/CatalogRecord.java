package dev.countersign.catalog.file;

import java.util.List;
import java.util.Map;

/**
 * What one record of a catalog says, whatever its format; empty texts stand for what it leaves out.
 *
 * @param line where it begins, from 1; in Avro, which record it is
 * @param model as it was written
 * @param name a label
 * @param version a label
 * @param signature where the bundle lies, as it was written
 * @param ignorePaths paths to leave out, as they were written
 * @param labels all other fields
 * @param fault which rule the record breaks, and what would help, as sentences; empty for none
 */
public record CatalogRecord(
    long line,
    String model,
    String name,
    String version,
    String signature,
    List<String> ignorePaths,
    Map<String, String> labels,
    String fault) {

  /** A record of which nothing could be read. */
  static CatalogRecord broken(long line, String fault) {
    return new CatalogRecord(line, "", "", "", "", List.of(), Map.of(), fault);
  }
}
