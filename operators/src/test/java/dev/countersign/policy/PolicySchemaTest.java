package dev.countersign.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.countersign.yaml.YamlFile;
import dev.countersign.yaml.YamlNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The reader of policies and their JSON Schema take the same files, and refuse the same. */
final class PolicySchemaTest {

  private static final JsonSchema SCHEMA = schema();

  static List<String> good() throws Exception {
    return files("good");
  }

  static List<String> bad() throws Exception {
    return files("bad");
  }

  static List<String> badForTheReaderAlone() throws Exception {
    return files("bad-for-the-reader-alone");
  }

  @ParameterizedTest
  @MethodSource("good")
  void policy_thatIsGood_isTakenByBoth(String name) throws Exception {
    assertThat(faults(name)).isEmpty();
    assertThat(PolicyFile.parse(name, content(name), new TestSources()).rules()).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("bad")
  void policy_thatIsBad_isRefusedByBoth(String name) throws Exception {
    assertThat(faults(name)).isNotEmpty();
    assertThatThrownBy(() -> PolicyFile.parse(name, content(name), new TestSources()))
        .isInstanceOf(PolicyException.class)
        .hasMessageStartingWith("The policy " + name + ", line ");
  }

  /** What no schema can say. */
  @ParameterizedTest
  @MethodSource("badForTheReaderAlone")
  void policy_thatNoSchemaCanJudge_isRefusedByTheReader(String name) throws Exception {
    assertThatThrownBy(() -> PolicyFile.parse(name, content(name), new TestSources()))
        .isInstanceOf(PolicyException.class)
        .hasMessageStartingWith("The policy " + name)
        .hasMessageMatching("(?s).* line [1-9].*");
  }

  private static List<String> files(String kind) throws IOException, URISyntaxException {
    try (Stream<Path> files = Files.list(folder().resolve(kind))) {
      return files.map(file -> kind + "/" + file.getFileName()).sorted().toList();
    }
  }

  private static byte[] content(String name) throws IOException, URISyntaxException {
    return Files.readAllBytes(folder().resolve(name));
  }

  private static Path folder() throws URISyntaxException {
    return Path.of(Objects.requireNonNull(PolicySchemaTest.class.getResource("/policies")).toURI());
  }

  private static List<String> faults(String name) throws Exception {
    Optional<YamlNode> root = YamlFile.parse(content(name));
    return SCHEMA.validate(json(root), InputFormat.JSON).stream().map(Object::toString).toList();
  }

  /** The JSON that a YAML file stands for, by YAML's core schema. */
  private static String json(Optional<YamlNode> root) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      if (root.isEmpty()) {
        json.writeNull();
      } else {
        write(root.get(), json);
      }
    }
    return text.toString();
  }

  private static void write(YamlNode node, JsonGenerator json) throws IOException {
    if (node instanceof YamlNode.Mapping mapping) {
      json.writeStartObject();
      for (YamlNode.Entry entry : mapping.entries()) {
        json.writeFieldName(entry.key());
        write(entry.value(), json);
      }
      json.writeEndObject();
    } else if (node instanceof YamlNode.Sequence sequence) {
      json.writeStartArray();
      for (YamlNode element : sequence.elements()) {
        write(element, json);
      }
      json.writeEndArray();
    } else if (node instanceof YamlNode.Text text) {
      write(text, json);
    }
  }

  private static void write(YamlNode.Text text, JsonGenerator json) throws IOException {
    String value = text.value();
    if (text.isString()) {
      json.writeString(value);
    } else if (value.isEmpty() || value.equals("null") || value.equals("~")) {
      json.writeNull();
    } else {
      json.writeRawValue(value);
    }
  }

  private static JsonSchema schema() {
    try (InputStream in =
        Objects.requireNonNull(
            PolicySchemaTest.class.getResourceAsStream(
                "/dev/countersign/schemas/trust-policy.schema.json"))) {
      return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
          .getSchema(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
