package dev.countersign.catalog.written;

import dev.countersign.catalog.CatalogRow;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;

/** An Avro container file; each column is a string, empty where nothing is known. */
final class AvroCatalogWriter implements CatalogWriter {

  /** Names are much alike, and the fastest level makes a tenth of them. */
  private static final int DEFLATE_LEVEL = 1;

  private final DataFileWriter<GenericRecord> file;
  private final Schema schema;
  private final List<String> labels;

  AvroCatalogWriter(OutputStream output, List<String> labels) throws IOException {
    this.labels = List.copyOf(labels);
    this.schema = schema(labels);
    this.file =
        new DataFileWriter<>(new GenericDatumWriter<GenericRecord>(schema))
            .setCodec(CodecFactory.deflateCodec(DEFLATE_LEVEL))
            .create(schema, output);
  }

  @Override
  public void write(CatalogRow row) throws IOException {
    GenericRecord record = new GenericData.Record(schema);
    record.put("model", row.model());
    record.put("name", row.name());
    record.put("version", row.version());
    for (String label : labels) {
      record.put(label, row.labels().getOrDefault(label, ""));
    }
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

  private static Schema schema(List<String> labels) {
    SchemaBuilder.FieldAssembler<Schema> fields =
        SchemaBuilder.record("CatalogRow")
            .namespace("dev.countersign.schemas")
            .fields()
            .requiredString("model");
    List<String> optional = new ArrayList<>(List.of("name", "version"));
    optional.addAll(labels);
    for (String field : optional) {
      fields = fields.name(field).type().stringType().stringDefault("");
    }
    return fields.endRecord();
  }
}
