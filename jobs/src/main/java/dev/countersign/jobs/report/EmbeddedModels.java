package dev.countersign.jobs.report;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.SignerCertificate;
import java.io.Closeable;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The models of a page, as its script reads them: an array for each, whose elements report.js names
 * in the same order. What many share is kept once ({@link SharedTexts}). All texts are cut and fit
 * to be shown; the script has nothing to escape.
 */
final class EmbeddedModels implements Closeable {

  /** Browsers do well with so many. */
  static final int MAX_MODELS = 200_000;

  /** So many places are left for models that failed. */
  private static final int MIN_PLACES_FOR_FAILED = 20_000;

  /** What one text in a browser can hold, with a margin. */
  private static final long MAX_BYTES = 200L << 20;

  private static final int MAX_SHARED = 300;
  private static final int MAX_DIFFERENCES = 50;
  private static final int MAX_LABELS = 50;
  private static final int MAX_LIST = 50;

  private final Spool models = new Spool();
  private final SharedTexts shared = new SharedTexts();
  private final int maxModels;
  private long embedded;

  EmbeddedModels() throws IOException {
    this(MAX_MODELS);
  }

  /** For tests: with room for fewer. */
  EmbeddedModels(int maxModels) throws IOException {
    this.maxModels = maxModels;
  }

  /** Adds a model if there is room. */
  void add(ModelResult result) throws IOException {
    long kept = RunTotals.isFailure(result) ? 0 : Math.min(MIN_PLACES_FOR_FAILED, maxModels / 10);
    if (embedded + kept >= maxModels || models.size() >= MAX_BYTES) {
      return;
    }
    String row = PageJson.of(json -> write(result, json));
    models.append(embedded == 0 ? row : ",\n" + row);
    embedded++;
  }

  /** Returns how many models are embedded. */
  long embedded() {
    return embedded;
  }

  private void write(ModelResult result, JsonGenerator json) throws IOException {
    String model = ReportText.of(result.getModel());
    json.writeStartArray();
    shareJson(result.getOutcome().name(), json);
    shareJson(result.getReason().name(), json);
    shareJson(result.getOperation().name(), json);
    json.writeString(model);
    writeName(ReportText.of(result.getName()), model, json);
    share(result.getVersion(), json);
    json.writeNumber(Math.max(0, result.getBytes()));
    json.writeNumber(Math.max(0, result.getFiles()));
    json.writeNumber(millis(result.getStarted()));
    json.writeNumber(millis(result.getFinished()));
    share(result.getRunId(), json);
    shareJson(PageJson.of(inner -> writeList(result.getWeakened(), inner)), json);
    shareJson(PageJson.of(inner -> writeLabels(result.getLabels(), inner)), json);
    share(result.getSignatureMethod(), json);
    share(result.getSigner(), json);
    SignerCertificate certificate = result.getCertificate();
    shareJson(
        certificate == null ? "" : PageJson.of(inner -> writeCertificate(certificate, inner)),
        json);
    share(result.getMessage(), json);
    json.writeNumber(Math.max(0, result.getChanged()));
    json.writeNumber(Math.max(0, result.getMissing()));
    json.writeNumber(Math.max(0, result.getExtra()));
    writeDifferences(result.getDifferences(), json);
    json.writeString(ReportText.of(result.getRootDigest(), MAX_SHARED));
    share(result.getHashType(), json);
    share(result.getSerialization(), json);
    json.writeNumber(Math.max(0, result.getShardSize()));
    Instant timestamp = result.getTimestamp();
    json.writeNumber(timestamp == null ? 0 : millis(timestamp));
    share(result.getPreviousSigner(), json);
    share(result.getPolicyRule(), json);
    writeSignature(ReportText.of(result.getSignature()), model, json);
    json.writeString(ReportText.of(result.getBundleSha256(), MAX_SHARED));
    json.writeNumber(result.getAttempt());
    json.writeNumber(Math.max(0, result.getLine()));
    json.writeNumber(result.getReused() ? 1 : 0);
    json.writeEndArray();
  }

  private static long millis(Instant time) {
    return Amounts.isKnown(time) ? time.toEpochMilli() : 0;
  }

  /** A name is most often the end of the URI, and then its length says it. */
  private static void writeName(String name, String model, JsonGenerator json) throws IOException {
    if (model.endsWith(name)) {
      json.writeNumber(name.length());
    } else {
      json.writeString(name);
    }
  }

  /** A bundle lies most often in or beside the model, and then what follows is shared. */
  private void writeSignature(String signature, String model, JsonGenerator json)
      throws IOException {
    if (signature.startsWith(model)) {
      shareJson("+" + signature.substring(model.length()), json);
    } else {
      shareJson(signature.isEmpty() ? "" : "=" + signature, json);
    }
  }

  private void share(String text, JsonGenerator json) throws IOException {
    shareJson(ReportText.of(text), json);
  }

  private void shareJson(String text, JsonGenerator json) throws IOException {
    int number = shared.number(text);
    if (number < 0) {
      json.writeString(text);
    } else {
      json.writeNumber(number);
    }
  }

  private static void writeList(List<String> texts, JsonGenerator json) throws IOException {
    json.writeStartArray();
    for (String text : texts.subList(0, Math.min(MAX_LIST, texts.size()))) {
      json.writeString(ReportText.of(text, MAX_SHARED));
    }
    json.writeEndArray();
  }

  private static void writeLabels(Map<String, String> labels, JsonGenerator json)
      throws IOException {
    json.writeStartArray();
    int written = 0;
    for (Map.Entry<String, String> label : new TreeMap<>(labels).entrySet()) {
      if (written++ < MAX_LABELS) {
        json.writeString(ReportTotals.label(label.getKey(), label.getValue()));
      }
    }
    json.writeEndArray();
  }

  private void writeDifferences(List<Difference> differences, JsonGenerator json)
      throws IOException {
    json.writeStartArray();
    for (Difference difference :
        differences.subList(0, Math.min(MAX_DIFFERENCES, differences.size()))) {
      json.writeStartArray();
      shareJson(difference.getKind().name(), json);
      json.writeString(ReportText.of(difference.getName(), MAX_SHARED));
      json.writeString(ReportText.of(difference.getExpected(), MAX_SHARED));
      json.writeString(ReportText.of(difference.getActual(), MAX_SHARED));
      json.writeString(ReportText.of(difference.getDetail(), MAX_SHARED));
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private static void writeCertificate(SignerCertificate certificate, JsonGenerator json)
      throws IOException {
    json.writeStartArray();
    writePair("Subject", certificate.getSubject(), json);
    writePair("Issuer", certificate.getIssuer(), json);
    writePair(
        "Alternative names",
        String.join(", ", certificate.getAlternativeNames().stream().limit(MAX_LIST).toList()),
        json);
    writePair("Serial number", certificate.getSerial(), json);
    writePair(
        "Valid",
        Amounts.time(certificate.getNotBefore())
            + " to "
            + Amounts.time(certificate.getNotAfter())
            + " UTC",
        json);
    writePair("Key", certificate.getKeyAlgorithm(), json);
    writePair("SHA-256", certificate.getSha256(), json);
    writePair("Trust anchor", certificate.getTrustAnchor(), json);
    writePair("Trust anchor SHA-256", certificate.getTrustAnchorSha256(), json);
    Instant checkedAt = certificate.getCheckedAt();
    writePair("Had to be valid", checkedAt == null ? "" : Amounts.time(checkedAt) + " UTC", json);
    writePair("Timestamp authority", certificate.getTimestampAuthority(), json);
    json.writeEndArray();
  }

  private static void writePair(String name, String text, JsonGenerator json) throws IOException {
    if (!text.isEmpty()) {
      json.writeStartArray();
      json.writeString(name);
      json.writeString(ReportText.of(text, MAX_SHARED));
      json.writeEndArray();
    }
  }

  /** Writes all that the script reads. */
  void writeTo(TextOutput out, ReportTotals totals) throws IOException {
    out.write("{\"models\":[\n");
    models.copy(0, models.size(), out.stream());
    out.write("\n],\n\"texts\":");
    out.write(PageJson.of(json -> writeStrings(shared.texts(), json)));
    out.write(
        ",\"labels\":"
            + PageJson.of(
                json ->
                    writeStrings(
                        totals.labels().ranked().stream().map(Map.Entry::getKey).sorted().toList(),
                        json)));
    out.write(",\"total\":" + totals.models() + "}");
  }

  private static void writeStrings(List<String> texts, JsonGenerator json) throws IOException {
    json.writeStartArray();
    for (String text : texts) {
      json.writeString(text);
    }
    json.writeEndArray();
  }

  @Override
  public void close() throws IOException {
    models.close();
  }
}
