package dev.countersign.catalog.written;

import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import dev.countersign.catalog.CatalogRow;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * One JSON object a line, in ASCII: everything else is escaped, so that no name ends a line or does
 * anything to a terminal. What is not known is left out.
 */
final class JsonLinesCatalogWriter implements CatalogWriter {

  private final JsonGenerator json;
  private final List<String> labels;

  JsonLinesCatalogWriter(OutputStream output, List<String> labels) throws IOException {
    this.json =
        new JsonFactoryBuilder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .rootValueSeparator("")
            .build()
            .createGenerator(output);
    this.labels = List.copyOf(labels);
  }

  @Override
  public void write(CatalogRow row) throws IOException {
    json.writeStartObject();
    json.writeStringField("model", row.model());
    json.writeStringField("name", row.name());
    writeKnown("version", row.version());
    for (String label : labels) {
      writeKnown(label, row.labels().getOrDefault(label, ""));
    }
    json.writeEndObject();
    json.writeRaw('\n');
  }

  @Override
  public void finish() throws IOException {
    json.flush();
  }

  @Override
  public void close() throws IOException {
    json.close();
  }

  private void writeKnown(String field, String value) throws IOException {
    if (!value.isEmpty()) {
      json.writeStringField(field, value);
    }
  }
}
