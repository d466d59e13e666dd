package dev.countersign.jobs.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.countersign.jobs.terminal.PrintedJson;
import dev.countersign.records.AsciiEscapes;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.SignerCertificate;
import java.io.Closeable;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The models of a page, as its script reads them: an array for each, whose elements report.js names
 * in the same order. What many share is kept once and referred to by number; when there are too
 * many different ones, the rest are not shared. All texts are cut and fit to be shown; the script
 * has nothing to escape.
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

  private static final int MAX_TEXTS = 50_000;
  private static final long MAX_CHARACTERS = 16L << 20;

  /** No character begins or ends an element, a comment or a string of the page. */
  private static final JsonFactory JSON = AsciiEscapes.factory("<>&'");

  private final Spool models = new Spool();
  private final int maxModels;
  private long embedded;

  /** Texts that many models share, by number. */
  private final List<String> texts = new ArrayList<>();

  private final Map<String, Integer> numbers = new HashMap<>();
  private long characters;

  /** The empty text has number 0. */
  EmbeddedModels(int maxModels) throws IOException {
    this.maxModels = maxModels;
    var unused = number("");
  }

  /** Adds a model if there is room. */
  void add(ModelResult result) throws IOException {
    long kept = RunTotals.isFailure(result) ? 0 : Math.min(MIN_PLACES_FOR_FAILED, maxModels / 10);
    if (embedded + kept >= maxModels || models.size() >= MAX_BYTES) {
      return;
    }
    String row = PrintedJson.of(JSON, json -> write(result, json));
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
    shareJson(
        array(
            result.getWeakened().stream()
                .limit(MAX_LIST)
                .map(check -> ReportText.of(check, MAX_SHARED))),
        json);
    shareJson(
        array(
            new TreeMap<>(result.getLabels())
                .entrySet().stream()
                    .limit(MAX_LABELS)
                    .map(label -> ReportTotals.label(label.getKey(), label.getValue()))),
        json);
    share(result.getSignatureMethod(), json);
    share(result.getSigner(), json);
    SignerCertificate certificate = result.getCertificate();
    shareJson(
        certificate == null
            ? ""
            : PrintedJson.of(JSON, inner -> writeCertificate(certificate, inner)),
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
    int number = number(text);
    if (number < 0) {
      json.writeString(text);
    } else {
      json.writeNumber(number);
    }
  }

  /** Returns the number of a text; -1 if it is not shared. */
  private int number(String text) {
    Integer known = numbers.get(text);
    if (known != null) {
      return known;
    }
    if (texts.size() >= MAX_TEXTS || characters + text.length() > MAX_CHARACTERS) {
      return -1;
    }
    characters += text.length();
    numbers.put(text, texts.size());
    texts.add(text);
    return texts.size() - 1;
  }

  private static String array(Stream<String> texts) {
    String[] all = texts.toArray(String[]::new);
    return PrintedJson.of(JSON, json -> json.writeArray(all, 0, all.length));
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
    writePair("Identity", certificate.getIdentity(), json);
    writePair("Identity provider", certificate.getIdentityProvider(), json);
    writePair(
        "Log index",
        certificate.getLogIndex() < 0 ? "" : Long.toString(certificate.getLogIndex()),
        json);
    Instant logTime = certificate.getLogTime();
    writePair("Recorded", logTime == null ? "" : Amounts.time(logTime) + " UTC", json);
    json.writeEndArray();
  }

  private static void writePair(String name, String text, JsonGenerator json) throws IOException {
    if (!text.isEmpty()) {
      json.writeArray(new String[] {name, ReportText.of(text, MAX_SHARED)}, 0, 2);
    }
  }

  /** Writes all that the script reads. */
  void writeTo(TextOutput out, ReportTotals totals) throws IOException {
    out.write("{\"models\":[\n");
    models.copy(0, models.size(), out.stream());
    out.write("\n],\n\"texts\":");
    out.write(array(texts.stream()));
    out.write(",\"labels\":" + array(totals.labels().stream()));
    out.write(",\"total\":" + totals.models() + "}");
  }

  @Override
  public void close() throws IOException {
    models.close();
  }
}
