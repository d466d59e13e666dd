package dev.countersign.catalog.discovery;

import dev.countersign.catalog.CatalogRow;
import java.util.List;
import java.util.Optional;

/**
 * What a folder is.
 *
 * @param model the model, if it is one; nothing below it is a model of its own then
 * @param below names of the folders in it to look at, in order, if it is none
 */
record Verdict(Optional<CatalogRow> model, List<String> below) {

  /** Returns the verdict on a model. */
  static Verdict model(CatalogRow row) {
    return new Verdict(Optional.of(row), List.of());
  }

  /** Returns the verdict on a folder that may hold models. */
  static Verdict below(List<String> names) {
    return new Verdict(Optional.empty(), names);
  }
}
