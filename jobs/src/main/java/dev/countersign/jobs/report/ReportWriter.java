package dev.countersign.jobs.report;

import dev.countersign.schemas.ModelResult;
import java.io.Closeable;
import java.io.IOException;

/**
 * Writes a report in one format. Results come one after the other; what the report says of all of
 * them is known at the end. Not thread safe.
 */
interface ReportWriter extends Closeable {

  /** Adds a result. */
  void add(ModelResult result) throws IOException;

  /** Writes what is left to write. */
  void finish(ReportTotals totals) throws IOException;

  /** Lets go of what the writer holds beside the output, which is not closed. */
  @Override
  default void close() throws IOException {}
}
