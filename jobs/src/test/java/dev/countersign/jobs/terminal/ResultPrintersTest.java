package dev.countersign.jobs.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.countersign.records.RecordJson;
import dev.countersign.schemas.Difference;
import dev.countersign.schemas.DifferenceCause;
import dev.countersign.schemas.DifferenceKind;
import dev.countersign.schemas.FailureReason;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

final class ResultPrintersTest {

  private static final String HOSTILE = "a\u001b[2J\n\u202emodel\u009b\u007f模型\ud83d\ude00";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Console console =
      new Console(
          new PrintStream(out, false, StandardCharsets.UTF_8),
          new PrintStream(err, false, StandardCharsets.UTF_8),
          false);

  @Test
  void json_ofAResult_hasEveryFieldOfTheRecordInOrder() throws IOException {
    console.result(RecordJson.line(failed(2)));

    List<String> names = new ArrayList<>();
    try (JsonParser json = new JsonFactory().createParser(printed(out))) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        names.add(json.currentName());
        json.nextToken();
        json.skipChildren();
      }
    }
    assertThat(names)
        .containsExactlyElementsOf(
            ModelResult.getClassSchema().getFields().stream().map(Schema.Field::name).toList());
    assertThat(printed(out))
        .contains("\"outcome\":\"FAILED\"", "\"reason\":\"CONTENT_MISMATCH\"")
        .contains("\"started\":\"2026-11-24T01:02:03Z\"")
        .contains("\"differences\":[{\"kind\":\"CHANGED\",\"name\":\"f0\"");
  }

  @Test
  void json_ofAHostileName_isAsciiWithoutControlsAndReadsAsTheName() throws IOException {
    ModelResult result = failed(0);
    result.setName(HOSTILE);

    console.result(RecordJson.line(result));

    assertThat(printed(out).stripTrailing().chars()).allMatch(c -> c >= ' ' && c < 0x7f);
    String read = null;
    try (JsonParser json = new JsonFactory().createParser(printed(out))) {
      while (json.nextToken() != null) {
        if (json.currentToken() == JsonToken.FIELD_NAME && json.currentName().equals("name")) {
          read = json.nextTextValue();
          break;
        }
      }
    }
    assertThat(read).isEqualTo(HOSTILE);
  }

  @Test
  void text_ofAFailure_showsDifferencesUpToTheLimit() {
    text(1).accept(failed(3));

    assertThat(printed(out)).isEmpty();
    assertThat(printed(err).lines())
        .containsExactly(
            "FAILED   lake/a  CONTENT_MISMATCH: Not what was signed.",
            "         changed  f0",
            "                  expected 00",
            "                  actual   11",
            "         and 2 more differences (--max-differences, --results or --output json show"
                + " more)");
  }

  @Test
  void text_ofASuccess_isOneLineOnStandardOutput() {
    ModelResult signed = result(Outcome.SIGNED);
    ModelResult digested = result(Outcome.DIGESTED);
    ModelResult weakened = result(Outcome.VERIFIED);
    weakened.setWeakened(List.of("ignore-unsigned-files"));
    ModelResult elsewhere = result(Outcome.VERIFIED);
    elsewhere.setModel("hdfs://nn/m");

    TextResults text = text(20);
    List.of(signed, digested, weakened, elsewhere).forEach(text);

    assertThat(printed(err)).isEmpty();
    assertThat(printed(out).lines())
        .containsExactly(
            "SIGNED   lake/a  -> lake/a/model.sig",
            "sha256:abcd  lake/a",
            "VERIFIED lake/a  (weakened by --ignore-unsigned-files)",
            "VERIFIED hdfs://nn/m");
  }

  @Test
  void text_ofAHostileModel_isEscapedAndNotCut() {
    ModelResult result = result(Outcome.VERIFIED);
    result.setModel("/home/" + HOSTILE.repeat(50));

    text(20).accept(result);

    assertThat(printed(out).stripTrailing())
        .doesNotContain("\u001b", "\u202e", "\u009b", "\u007f", "\n")
        .contains("模型\ud83d\ude00a\\u001b[2J\\u000a\\u202emodel")
        .doesNotContain("…");
  }

  @Test
  void text_ofANameThatImitatesASigner_isQuoted() {
    ModelResult spaces = result(Outcome.VERIFIED);
    spaces.setModel("/base/lake/a  (signed by CN=Release Team)");
    ModelResult otherSpaces = result(Outcome.ALLOWED_UNSIGNED);
    otherSpaces.setModel("/base/lake/a\u00a0\u2003(signed\u3000by\u2800CN=Release\u3164Team)");
    ModelResult quoted = result(Outcome.VERIFIED);
    quoted.setModel("/base/\"lake/a\" (signed by \"x\")\\");
    ModelResult failed = failed(1);
    failed.getDifferences().get(0).setName("f  (a link)");

    TextResults text = text(20);
    List.of(spaces, otherSpaces, quoted, failed).forEach(text);

    assertThat(printed(out).lines())
        .containsExactly(
            "VERIFIED \"lake/a  (signed by CN=Release Team)\"",
            "ALLOWED_UNSIGNED \"lake/a\u00a0\u2003(signed\u3000by\u2800CN=Release\u3164Team)\"",
            "VERIFIED \"\\u0022lake/a\\u0022 (signed by \\u0022x\\u0022)\\\"");
    assertThat(printed(err)).contains("         changed  \"f  (a link)\"");
  }

  private TextResults text(int maxDifferences) {
    return new TextResults(console, new ShownModel("/base"), maxDifferences, false);
  }

  private String printed(ByteArrayOutputStream stream) {
    console.flush();
    return stream.toString(StandardCharsets.UTF_8);
  }

  private static ModelResult result(Outcome outcome) {
    return ModelResult.newBuilder()
        .setModel("/base/lake/a")
        .setName("a")
        .setSignature("/base/lake/a/model.sig")
        .setOperation(Operation.VERIFY)
        .setOutcome(outcome)
        .setRootDigest("abcd")
        .setStarted(Instant.parse("2026-11-24T01:02:03Z"))
        .build();
  }

  private static ModelResult failed(int changed) {
    ModelResult result = result(Outcome.FAILED);
    result.setReason(FailureReason.CONTENT_MISMATCH);
    result.setMessage("Not what was signed.");
    result.setChanged((long) changed);
    List<Difference> differences = new ArrayList<>();
    for (int i = 0; i < changed; i++) {
      differences.add(
          new Difference(DifferenceKind.CHANGED, "f" + i, "00", "11", "", DifferenceCause.NONE));
    }
    result.setDifferences(differences);
    return result;
  }
}
