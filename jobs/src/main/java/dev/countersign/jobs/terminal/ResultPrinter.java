package dev.countersign.jobs.terminal;

import dev.countersign.schemas.ModelResult;

/** Shows results as they are committed. Not thread safe: one thread follows a run. */
public interface ResultPrinter {

  /** Shows one result; nothing need appear before {@link Console#flush}. */
  void print(ModelResult result);
}
