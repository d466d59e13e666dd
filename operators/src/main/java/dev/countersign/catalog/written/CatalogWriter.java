package dev.countersign.catalog.written;

import dev.countersign.catalog.CatalogRow;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * Writes a catalog, row by row; nothing but the row at hand is kept. Values are data and are
 * written as they are, whatever a program that opens the file may make of them. Not thread safe.
 */
public interface CatalogWriter extends Closeable {

  /**
   * Begins a catalog.
   *
   * @param output gets it; closed with the writer
   * @param labels the columns behind {@code model}, {@code name} and {@code version}
   */
  static CatalogWriter open(WrittenFormat format, OutputStream output, List<String> labels)
      throws IOException {
    return switch (format) {
      case CSV -> new CsvCatalogWriter(output, labels);
      case JSONL -> new JsonLinesCatalogWriter(output, labels);
      case AVRO -> new AvroCatalogWriter(output, labels);
    };
  }

  /** Adds a row. Labels that are no column of the catalog are left out. */
  void write(CatalogRow row) throws IOException;

  /** Hands everything on to the output, complete, so that the output may be committed. */
  void finish() throws IOException;
}
