package dev.countersign.catalog.file;

import dev.countersign.catalog.CatalogException;
import dev.countersign.storage.Storages;
import dev.countersign.text.Printable;
import java.util.Locale;

/** How a catalog is written, which its extension says. */
enum CatalogFormat {
  /** An Avro object container file. */
  AVRO,
  /** One JSON object a line. */
  JSON_LINES,
  /** RFC 4180 with a header. */
  CSV;

  /** Returns the format of the catalog at a URI. */
  static CatalogFormat of(String uri) throws CatalogException {
    String name = Storages.baseName(uri).toLowerCase(Locale.ROOT);
    if (name.endsWith(".avro")) {
      return AVRO;
    } else if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
      return JSON_LINES;
    } else if (name.endsWith(".csv")) {
      return CSV;
    }
    throw CatalogException.of(
        "The catalog %s has no known extension. Name a file that ends with .avro, .jsonl, .ndjson"
            + " or .csv.",
        Printable.of(uri));
  }
}
