package dev.countersign.jobs.terminal;

import dev.countersign.records.RecordJson;
import dev.countersign.schemas.ModelResult;

/** Prints each result as one JSON object on one line, as {@link RecordJson} has it. */
public final class JsonResults implements ResultPrinter {

  private final Console console;

  /** A printer on {@code console}. */
  public JsonResults(Console console) {
    this.console = console;
  }

  @Override
  public void print(ModelResult result) {
    console.result(RecordJson.line(result));
  }
}
