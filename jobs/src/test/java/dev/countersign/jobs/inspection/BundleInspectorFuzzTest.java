package dev.countersign.jobs.inspection;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.jobs.terminal.Console;
import dev.countersign.jobs.terminal.ShownModel;
import dev.countersign.oms.OmsBounds;
import dev.countersign.oms.OmsException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/**
 * Any bytes are a bundle that can be shown, or an {@link OmsException}: to people without a
 * character that a terminal obeys, and to programs as one JSON object on a line.
 */
final class BundleInspectorFuzzTest {

  private static final String URI = "file:///fuzzed.sig";
  private static final OmsBounds BOUNDS = OmsBounds.defaults();

  @FuzzTest
  void fuzz(byte[] json) throws IOException {
    BundleFacts facts;
    try {
      facts = BundleInspector.inspect(URI, json, BOUNDS);
    } catch (OmsException e) {
      assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}");
      return;
    }
    String text = printed(console -> new TextFacts(console, new ShownModel("/"), 20), facts);
    assertThat(text).contains("NOT VERIFIED");
    assertThat(text.replace("\n", "")).doesNotContainPattern("\\p{Cntrl}");

    String line = printed(JsonFacts::new, facts);
    assertThat(line).contains("\"verified\":false").matches("[ -~]+\n");
    checkIsOneObject(line);
  }

  private static String printed(
      Function<Console, InspectCommand.FactsPrinter> printer, BundleFacts facts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(out, false, StandardCharsets.UTF_8);
    Console console = new Console(stream, stream, false);
    printer.apply(console).print(facts);
    console.flush();
    return out.toString(StandardCharsets.UTF_8);
  }

  private static void checkIsOneObject(String line) throws IOException {
    try (JsonParser parser = new JsonFactory().createParser(line)) {
      assertThat(parser.nextToken().isStructStart()).isTrue();
      parser.skipChildren();
      assertThat(parser.nextToken()).as("what follows the object").isNull();
    }
  }
}
