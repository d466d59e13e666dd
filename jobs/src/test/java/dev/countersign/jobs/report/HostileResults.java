package dev.countersign.jobs.report;

import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.SignerCertificate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Results whose every text tries to be something else, and what reports are made of them. */
final class HostileResults {

  static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

  /** Markup, scripts, formulas, controls, what turns the direction of text, and no characters. */
  static final List<String> TEXTS =
      List.of(
          "<script>alert(1)</script>",
          "</script><img src=x onerror=alert(1)>",
          "<!--<script>",
          "]]>",
          "\"onclick='alert(1)'",
          "{{data}}&lt;",
          "\u202egpj\u2066\ufeff",
          "a\nb\r\t\u0000\u001b[2J\u007f\u0085",
          "\u2028\u2029",
          "\ud800 lone \udc00",
          "\ufffe\uffff",
          "=1+1",
          "@SUM(A1)",
          "`|``\\|**b**](x)",
          "a,b;\"c\"",
          "\ud83e\udd84 é",
          "y".repeat(100_000));

  private HostileResults() {}

  /** A result for each text, which stands wherever a text can; every other one failed. */
  static List<ModelResult> all() {
    List<ModelResult> results = new ArrayList<>();
    for (int i = 0; i < TEXTS.size(); i++) {
      results.add(result(i, TEXTS.get(i)));
    }
    return results;
  }

  private static ModelResult result(int i, String text) {
    return ModelResult.newBuilder()
        .setRunId(i % 2 == 0 ? "run-one" : "run-" + text)
        .setEntryId(i)
        .setModel("/lake/" + text)
        .setName(text)
        .setVersion(text)
        .setLabels(Map.of(text, text))
        .setOperation(Operation.VERIFY)
        .setOutcome(i % 2 == 0 ? Outcome.FAILED : Outcome.VERIFIED)
        .setReason(i % 2 == 0 ? FailureReason.CONTENT_MISMATCH : FailureReason.NONE)
        .setMessage(text)
        .setDifferences(
            List.of(
                Difference.newBuilder()
                    .setKind(DifferenceKind.EXTRA)
                    .setName(text)
                    .setExpected(text)
                    .setDetail(text)
                    .build()))
        .setExtra(1)
        .setRootDigest(text)
        .setHashType(text)
        .setSerialization(text)
        .setSignatureMethod(text)
        .setSigner(text)
        .setCertificate(
            SignerCertificate.newBuilder()
                .setSubject(text)
                .setIssuer(text)
                .setAlternativeNames(List.of(text))
                .setTrustAnchor(text)
                .build())
        .setPreviousSigner(text)
        .setPolicyRule(text)
        .setSignature("/lake/" + text + "/model.sig")
        .setBundleSha256(text)
        .setBytes(i % 3 == 0 ? Long.MAX_VALUE : 1000L * i)
        .setFiles(i % 5 == 0 ? -7 : i)
        .setStarted(START)
        .setFinished(START.plusSeconds(i))
        .setWeakened(List.of(text))
        .build();
  }

  /** A plain result. */
  static ModelResult.Builder plain(String model, Outcome outcome) {
    return ModelResult.newBuilder()
        .setRunId("run-one")
        .setModel(model)
        .setOperation(Operation.SIGN)
        .setOutcome(outcome)
        .setReason(outcome == Outcome.FAILED ? FailureReason.UNREADABLE : FailureReason.NONE)
        .setStarted(START)
        .setFinished(START.plusSeconds(2));
  }

  /** Makes a writer. */
  @FunctionalInterface
  interface Made {
    ReportWriter on(TextOutput out) throws IOException;
  }

  /** Returns the report of some results. */
  static String report(Made made, ReportTotals totals, List<ModelResult> results)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ReportWriter writer = made.on(new TextOutput(bytes))) {
      for (ModelResult result : results) {
        totals.add(result);
        writer.add(result);
      }
      writer.finish(totals);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  static String report(Made made, List<ModelResult> results) throws IOException {
    return report(made, new ReportTotals(), results);
  }
}
