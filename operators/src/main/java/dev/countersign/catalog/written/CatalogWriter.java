package dev.countersign.catalog.written;

import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import dev.countersign.catalog.CatalogRow;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;

/**
 * Writes a catalog, row by row; nothing but the row at hand is kept. Values are data and are
 * written as they are, whatever a program that opens the file may make of them. Not thread safe.
 */
public abstract sealed class CatalogWriter implements Closeable {

  /** The labels that are columns, in their order. */
  private final List<String> labels;

  private CatalogWriter(List<String> labels) {
    this.labels = List.copyOf(labels);
  }

  /**
   * Begins a catalog.
   *
   * @param output gets it; closed with the writer
   * @param labels the columns behind {@code model}, {@code name} and {@code version}
   */
  public static CatalogWriter open(WrittenFormat format, OutputStream output, List<String> labels)
      throws IOException {
    return switch (format) {
      case CSV -> new Csv(output, labels);
      case JSONL -> new JsonLines(output, labels);
      case AVRO -> new Avro(output, labels);
    };
  }

  /** Adds a row. Labels that are no column of the catalog are left out. */
  public final void write(CatalogRow row) throws IOException {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("model", row.model());
    values.put("name", row.name());
    values.put("version", row.version());
    labels.forEach(label -> values.put(label, row.labels().getOrDefault(label, "")));
    write(values);
  }

  /** Writes the values of a row by their columns, in order; what is not known is empty. */
  abstract void write(Map<String, String> values) throws IOException;

  /** Hands everything on to the output, complete, so that the output may be committed. */
  public abstract void finish() throws IOException;

  /**
   * Comma-separated values by RFC 4180, in UTF-8, with a header; lines end in LF, which every
   * reader of RFC 4180 takes and line-wise tools want. A value is quoted where it must be, and
   * where blanks at its ends could get lost.
   */
  private static final class Csv extends CatalogWriter {

    private final Writer output;
    private final List<String> header;
    private boolean begun;

    Csv(OutputStream output, List<String> labels) {
      super(labels);
      this.output =
          new BufferedWriter(new OutputStreamWriter(output, StandardCharsets.UTF_8.newEncoder()));
      this.header = columns(labels);
    }

    @Override
    void write(Map<String, String> values) throws IOException {
      begin();
      writeLine(values.values());
    }

    @Override
    public void finish() throws IOException {
      begin();
      output.flush();
    }

    @Override
    public void close() throws IOException {
      output.close();
    }

    /** Writes the header once. A catalog that came to nothing has none. */
    private void begin() throws IOException {
      if (!begun) {
        begun = true;
        writeLine(header);
      }
    }

    private void writeLine(Collection<String> values) throws IOException {
      output.write(values.stream().map(Csv::quoted).collect(Collectors.joining(",", "", "\n")));
    }

    private static String quoted(String value) {
      boolean plain =
          value.strip().length() == value.length()
              && value.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
      return plain ? value : '"' + value.replace("\"", "\"\"") + '"';
    }
  }

  /**
   * One JSON object a line, in ASCII: everything else is escaped, so that no name ends a line or
   * does anything to a terminal. What is not known is left out.
   */
  private static final class JsonLines extends CatalogWriter {

    private static final Set<String> ALWAYS = Set.of("model", "name");

    private final JsonGenerator json;

    JsonLines(OutputStream output, List<String> labels) throws IOException {
      super(labels);
      this.json =
          new JsonFactoryBuilder()
              .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
              .rootValueSeparator("")
              .build()
              .createGenerator(output);
    }

    @Override
    void write(Map<String, String> values) throws IOException {
      json.writeStartObject();
      for (Map.Entry<String, String> value : values.entrySet()) {
        if (ALWAYS.contains(value.getKey()) || !value.getValue().isEmpty()) {
          json.writeStringField(value.getKey(), value.getValue());
        }
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
  }

  /** An Avro container file; each column is a string, empty where nothing is known. */
  private static final class Avro extends CatalogWriter {

    /** Names are much alike, and the fastest level makes a tenth of them. */
    private static final int DEFLATE_LEVEL = 1;

    private final DataFileWriter<GenericRecord> file;
    private final Schema schema;

    Avro(OutputStream output, List<String> labels) throws IOException {
      super(labels);
      SchemaBuilder.FieldAssembler<Schema> fields =
          SchemaBuilder.record("CatalogRow")
              .namespace("dev.countersign.schemas")
              .fields()
              .requiredString("model");
      for (String field : columns(labels).subList(1, 3 + labels.size())) {
        fields = fields.name(field).type().stringType().stringDefault("");
      }
      this.schema = fields.endRecord();
      this.file =
          new DataFileWriter<>(new GenericDatumWriter<GenericRecord>(schema))
              .setCodec(CodecFactory.deflateCodec(DEFLATE_LEVEL))
              .create(schema, output);
    }

    @Override
    void write(Map<String, String> values) throws IOException {
      GenericRecord record = new GenericData.Record(schema);
      values.forEach(record::put);
      file.append(record);
    }

    @Override
    public void finish() throws IOException {
      file.flush();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  private static List<String> columns(List<String> labels) {
    return Stream.concat(Stream.of("model", "name", "version"), labels.stream()).toList();
  }
}
