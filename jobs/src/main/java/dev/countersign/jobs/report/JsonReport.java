package dev.countersign.jobs.report;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import dev.countersign.jobs.results.UnreadFile;
import dev.countersign.jobs.terminal.PrintedJson;
import dev.countersign.records.AsciiEscapes;
import dev.countersign.records.RecordJson;
import dev.countersign.schemas.ModelResult;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;

/**
 * One JSON object: {@code models}, each with the fields of its result on a line of its own, and
 * behind them what they add up to. All but printable ASCII is escaped.
 */
final class JsonReport implements ReportWriter {

  private final JsonGenerator json;

  JsonReport(TextOutput out) throws IOException {
    json = AsciiEscapes.factory("").createGenerator(out.stream(), JsonEncoding.UTF8);
    json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    json.setPrettyPrinter(new Lines());
    json.writeStartObject();
    json.writeArrayFieldStart("models");
  }

  /** An element of an array begins a line. */
  private static final class Lines extends MinimalPrettyPrinter {

    private static final long serialVersionUID = 1L;

    @Override
    public void beforeArrayValues(JsonGenerator generator) throws IOException {
      breakLine(generator);
    }

    @Override
    public void writeArrayValueSeparator(JsonGenerator generator) throws IOException {
      generator.writeRaw(',');
      breakLine(generator);
    }

    /** Only the outer arrays: a result stays on its line. */
    private static void breakLine(JsonGenerator generator) throws IOException {
      if (generator.getOutputContext().getParent().inRoot()
          || generator.getOutputContext().getParent().getParent().inRoot()) {
        generator.writeRaw('\n');
      }
    }
  }

  @Override
  public void add(ModelResult result) throws IOException {
    RecordJson.write(result, json);
  }

  @Override
  public void finish(ReportTotals totals) throws IOException {
    json.writeEndArray();
    json.writeObjectFieldStart("totals");
    writeSums(totals.all(), totals.started());
    json.writeNumberField("weakened", totals.weakenedModels());
    json.writeNumberField("reused", totals.reused());
    json.writeNumberField("repeated", totals.repeated());
    json.writeEndObject();
    PrintedJson.objects("runs", totals.runs(), json, this::writeRun);
    PrintedJson.objects("signers", totals.signers().ranked(), json, JsonReport::writeSigner);
    writeCounts("weakenedChecks", totals.weakened());
    PrintedJson.objects("unread", totals.unread(), json, JsonReport::writeUnread);
    json.writeEndObject();
    json.writeRaw('\n');
    json.flush();
  }

  private void writeRun(RunTotals run, JsonGenerator json) throws IOException {
    json.writeStringField("runId", run.runId());
    json.writeStringField("operation", Phrases.operations(run));
    json.writeBooleanField("closed", run.record().isPresent());
    writeSums(run, run.started());
  }

  private static void writeSigner(SignerCounts.Signer signer, JsonGenerator json)
      throws IOException {
    json.writeStringField("method", signer.method());
    json.writeStringField("fingerprint", signer.fingerprint());
    json.writeStringField("name", signer.name());
    json.writeNumberField("models", signer.models());
  }

  private static void writeUnread(UnreadFile file, JsonGenerator json) throws IOException {
    json.writeStringField("place", ReportText.of(file.place()));
    json.writeStringField("message", ReportText.of(file.message()));
  }

  private void writeSums(RunTotals sums, Instant started) throws IOException {
    json.writeNumberField("models", sums.models());
    json.writeNumberField("bytes", sums.bytes());
    json.writeNumberField("files", sums.files());
    writeTime("started", started);
    writeTime("finished", sums.finished());
    writeCounts("outcomes", sums.outcomes().entrySet());
    writeCounts("reasons", sums.reasons().entrySet());
  }

  private <K> void writeCounts(String field, Iterable<Map.Entry<K, Long>> counts)
      throws IOException {
    json.writeObjectFieldStart(field);
    for (Map.Entry<K, Long> entry : counts) {
      json.writeNumberField(entry.getKey().toString(), entry.getValue());
    }
    json.writeEndObject();
  }

  private void writeTime(String field, Instant time) throws IOException {
    if (Amounts.isKnown(time)) {
      json.writeStringField(field, time.toString());
    } else {
      json.writeNullField(field);
    }
  }

  @Override
  public void close() throws IOException {
    // A generator that is cut short completes what it began, which would look like a whole report.
    json.flush();
  }
}
