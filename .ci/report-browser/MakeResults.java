import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import dev.countersign.schemas.SignerCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumWriter;

/**
 * Writes results as a run would, of models that nobody has: java -cp countersign.jar MakeResults.java FOLDER COUNT.
 * Some of their names try to be markup, scripts, formulas and controls; one in a hundred failed. The same each time.
 */
public final class MakeResults {

  private static final String RUN = "20261124-220000-synthetic";
  private static final Instant START = Instant.parse("2026-11-24T22:00:00Z");

  /** What each hostile model's name ends with. A script that ran would set window.pwned. */
  private static final String[] HOSTILE = {
    "<script>window.pwned=1</script>",
    "</script><script>window.pwned=1</script>",
    "<!--<script>window.pwned=1",
    "\"><img src=x onerror=window.pwned=1>",
    "' onmouseover='window.pwned=1",
    "]]><svg onload=window.pwned=1>",
    "javascript:window.pwned=1",
    "{{style}}{{data}}",
    "</title></style></textarea></noscript><iframe src=https://example.invalid/>",
    "\u202egpj.exe\u202c",
    "\u2066isolated\u2069\u200b\ufeff",
    "line one\nline two\r\tand \u0000\u001b[2J\u007f",
    "\u2028separators\u2029",
    "=HYPERLINK(\"https://example.invalid\")",
    "\u05e9\u05dc\u05d5\u05dd \u0639\u0631\u0628\u064a",
    "z\u0351\u0346\u0357a\u0351\u0346\u0357l\u0351\u0346\u0357g\u0351\u0346\u0357o",
    "\ud83e\udd84 \ud835\udd6c",
    "`|`|``|*bold*[link](https://example.invalid)@everyone",
    "x".repeat(5000),
    "constructor", "__proto__", "toString",
  };

  private static final FailureReason[] REASONS = {
    FailureReason.CONTENT_MISMATCH, FailureReason.CONTENT_MISMATCH, FailureReason.UNSIGNED, FailureReason.UNREADABLE,
    FailureReason.EXPIRED_CERTIFICATE, FailureReason.CHANGED_WHILE_READ, FailureReason.BAD_SIGNATURE, FailureReason.MALFORMED_BUNDLE,
  };

  private MakeResults() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    int count = Integer.parseInt(arguments[1]);
    Random random = new Random(5);
    double clock = 0;
    try (DataFileWriter<ModelResult> writer = new DataFileWriter<>(new SpecificDatumWriter<>(ModelResult.class))) {
      writer.create(ModelResult.getClassSchema(), folder.resolve("results-" + RUN + "-0.avro").toFile());
      for (int i = 0; i < count; i++) {
        clock += random.nextDouble() * 2.4 * (1 + 0.6 * Math.sin(i / 4000.0)) + (i % 9000 == 8999 ? 9000 : 0);
        writer.append(result(i, (long) clock, random));
      }
    }
    Files.writeString(
        folder.resolve("run-" + RUN + ".json"),
        "{\"runId\":\"" + RUN + "\",\"operation\":\"verify\",\"started\":\"2026-11-24T22:00:00Z\",\"finished\":\"2026-11-24T22:02:00Z\",\"models\":"
            + count + ",\"versions\":{\"countersign\":\"0.1.0\"},\"options\":[\"certificate-chain=authority.pem\",\"ignore-unsigned-files=true\"]}\n");
  }

  private static ModelResult result(int i, long clock, Random random) {
    boolean hostile = i % 50 == 7;
    String name = group(i) + "/" + (hostile ? HOSTILE[i / 50 % HOSTILE.length] + "-" : "checkpoint-") + i;
    boolean failed = i % 100 == 7 || i % 100 == 63 && random.nextBoolean();
    long bytes = (long) Math.exp(8 + random.nextGaussian() * 3.2);
    String digest = hex(random, 64);
    boolean certified = i % 3 != 0;
    ModelResult.Builder result =
        ModelResult.newBuilder()
            .setRunId(RUN)
            .setEntryId(i)
            .setModel("/lake/models/" + name)
            .setName(name)
            .setVersion(i % 4 == 0 ? "v" + i % 12 : "")
            .setLine(i + 1)
            .setLabels(Map.of("team", "team-" + i % 9, "tier", hostile ? "<b>gold</b>" : "silver"))
            .setOperation(Operation.VERIFY)
            .setOutcome(failed ? Outcome.FAILED : i % 400 == 11 ? Outcome.ALLOWED_UNSIGNED : Outcome.VERIFIED)
            .setHashType("sha256")
            .setSerialization("files")
            .setSignatureMethod(certified ? "certificate" : "key")
            .setSigner(certified ? "ab12".repeat(16) : "77fe".repeat(16))
            .setSignature("/lake/models/" + name + "/model.sig")
            .setBundleSha256(hex(random, 64))
            .setRootDigest(digest)
            .setBytes(bytes)
            .setFiles(1 + random.nextInt(40))
            .setStarted(START.plusMillis(clock))
            .setFinished(START.plusMillis(clock + 20 + bytes / 400_000))
            .setAttempt(i % 700 == 3 ? 2 : 1)
            .setReused(i % 20 == 4)
            .setWeakened(i % 30 == 2 ? List.of("ignore-unsigned-files") : i % 900 == 5 ? List.of("certificate-time", "ignore-paths") : List.of());
    if (certified) {
      result.setCertificate(
          SignerCertificate.newBuilder()
              .setSubject(i % 2 == 0 ? "CN=Release Team,O=Example" : "CN=<i>Release</i> & Co,O=Example")
              .setIssuer("CN=Example Authority")
              .setSerial("01af")
              .setNotBefore(START.minusSeconds(86_400))
              .setNotAfter(START.plusSeconds(8_640_000))
              .setKeyAlgorithm("EC P-256")
              .setSha256("ab12".repeat(16))
              .setTrustAnchor("CN=Example Authority")
              .setTrustAnchorSha256("cd34".repeat(16))
              .build());
    }
    if (failed) {
      FailureReason reason = REASONS[random.nextInt(REASONS.length)];
      result.setReason(reason).setMessage(
          reason == FailureReason.CONTENT_MISMATCH
              ? "The model is not what was signed: 1 changed, 1 missing, 1 extra. Compare it with where it came from."
              : "The model cannot be verified: <b>" + reason + "</b> in " + name + ". Ask who published it.");
      if (reason == FailureReason.CONTENT_MISMATCH) {
        result.setChanged(1).setMissing(1).setExtra(1).setDifferences(List.of(
            difference(DifferenceKind.CHANGED, "weights/model-00001.safetensors", hex(random, 64), hex(random, 64)),
            difference(DifferenceKind.MISSING, "config.json", hex(random, 64), ""),
            difference(DifferenceKind.EXTRA, HOSTILE[i % HOSTILE.length], "", "")));
      }
    }
    return result.build();
  }

  private static Difference difference(DifferenceKind kind, String name, String expected, String actual) {
    return Difference.newBuilder().setKind(kind).setName(name).setExpected(expected).setActual(actual).build();
  }

  private static String group(int i) {
    return new String[] {"vision", "language", "speech", "ranking", "forecast"}[i % 5];
  }

  private static String hex(Random random, int digits) {
    StringBuilder text = new StringBuilder(digits);
    for (int i = 0; i < digits; i++) {
      text.append(Character.forDigit(random.nextInt(16), 16));
    }
    return text.toString();
  }
}
