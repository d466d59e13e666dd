package dev.countersign.catalog;

import dev.countersign.catalog.AvroBlocks.BrokenException;
import dev.countersign.storage.StorageException;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.util.Utf8;

/**
 * An Avro file of any record schema that has the catalog's fields. What is neither one of them nor
 * a label, such as a nested record, is passed over.
 */
final class AvroRecords implements RecordReader {

  private final AvroBlocks blocks;
  private final GenericDatumReader<GenericRecord> reader;
  private final Schema wanted;
  private long left;
  private long number;
  private boolean ended;

  /**
   * Reads the header.
   *
   * @param shown what to call the catalog in messages
   * @throws CatalogException if it is no Avro file, or has no field {@code model}
   */
  AvroRecords(CatalogInput input, String shown) throws StorageException, CatalogException {
    try {
      this.blocks = new AvroBlocks(input);
      Schema written = parse(blocks.schema());
      this.wanted = wanted(written);
      GenericData data = new GenericData();
      data.setFastReaderEnabled(false);
      this.reader = new GenericDatumReader<>(written, wanted, data);
    } catch (BrokenException e) {
      throw new CatalogException(
          String.format(Locale.ROOT, "The catalog %s cannot be used: %s", shown, e.getMessage()),
          e);
    }
  }

  @Override
  public Optional<CatalogRecord> next() throws StorageException {
    if (ended) {
      return Optional.empty();
    }
    try {
      while (left == 0) {
        if (!blocks.decoder().isAtEnd()) {
          throw undecodable();
        }
        if (!blocks.advance()) {
          return Optional.empty();
        }
        left = blocks.records();
      }
      left--;
      number++;
      return Optional.of(record(read()));
    } catch (BrokenException e) {
      ended = true;
      return Optional.of(CatalogRecord.broken(Math.max(number, 1), e.getMessage()));
    }
  }

  /** Avro throws more than its own exceptions, such as for the index of an unknown symbol. */
  @SuppressWarnings("NullAway") // Avro takes null for no record to use again.
  private GenericRecord read() throws BrokenException {
    try {
      return reader.read(null, blocks.decoder());
    } catch (IOException | RuntimeException | StackOverflowError e) {
      throw undecodable();
    }
  }

  private static BrokenException undecodable() {
    return new BrokenException(
        "a block is not what the schema says, so the catalog ends here. Write the file again.");
  }

  private CatalogRecord record(GenericRecord record) {
    RecordDraft draft = new RecordDraft(number);
    for (Schema.Field field : wanted.getFields()) {
      Object value = record.get(field.pos());
      if (value == null) {
        continue;
      }
      if (value instanceof List<?> list) {
        List<String> paths = new ArrayList<>(list.size());
        list.forEach(path -> paths.add(text(path, draft)));
        draft.ignorePaths(paths);
      } else {
        CsvRecords.put(draft, field.name(), text(value, draft));
      }
    }
    return draft.finish();
  }

  private static String text(Object value, RecordDraft draft) {
    if (!(value instanceof Utf8 encoded)) {
      return String.valueOf(value);
    }
    String text = TextLines.decoded(Arrays.copyOf(encoded.getBytes(), encoded.getByteLength()));
    if (text == null) {
      draft.fault(TextLines.NOT_UTF_8);
      return "";
    }
    return text;
  }

  private static Schema parse(String json) throws BrokenException {
    try {
      return new Schema.Parser().parse(json);
    } catch (RuntimeException | StackOverflowError e) {
      throw new BrokenException("its schema is none of Avro's. Write the file again.");
    }
  }

  /** Returns the schema without what is not wanted. */
  private static Schema wanted(Schema written) throws BrokenException {
    if (written.getType() != Schema.Type.RECORD) {
      throw new BrokenException("its schema is not that of a record. Write records.");
    }
    if (written.getFields().size() > CatalogLimits.MAX_FIELDS) {
      throw new BrokenException(
          String.format(
              Locale.ROOT,
              "its records have more than %d fields, which is the limit. Leave some out.",
              CatalogLimits.MAX_FIELDS));
    }
    List<Schema.Field> fields = new ArrayList<>();
    int labels = 0;
    for (Schema.Field field : written.getFields()) {
      boolean ignorePaths = field.name().equals(Field.IGNORE_PATHS);
      boolean own = JsonRecords.isOwn(field.name());
      if (own || ignorePaths) {
        demand(field, ignorePaths);
      } else if (!isLabel(field.schema()) || field.name().length() > CatalogLimits.MAX_LABEL_NAME) {
        continue;
      } else {
        labels++;
      }
      fields.add(new Schema.Field(field.name(), field.schema()));
    }
    String fault = CsvRecords.fieldsFault(written.getField(Field.MODEL) != null, labels, "field");
    if (!fault.isEmpty()) {
      throw new BrokenException(fault);
    }
    return Schema.createRecord(
        written.getName(), null, written.getNamespace(), written.isError(), fields);
  }

  private static void demand(Schema.Field field, boolean ignorePaths) throws BrokenException {
    for (Schema type : branches(field.schema())) {
      boolean texts =
          ignorePaths
              && type.getType() == Schema.Type.ARRAY
              && type.getElementType().getType() == Schema.Type.STRING;
      if (!texts && type.getType() != Schema.Type.NULL && type.getType() != Schema.Type.STRING) {
        throw new BrokenException(
            String.format(
                Locale.ROOT,
                "its field %s is of type %s. Write %s, or a union of that and null.",
                field.name(),
                Printable.of(type.getType().getName()),
                ignorePaths ? "an array of strings" : "a string"));
      }
    }
  }

  private static boolean isLabel(Schema schema) {
    return branches(schema).stream()
        .allMatch(
            type ->
                switch (type.getType()) {
                  case NULL, STRING, INT, LONG, FLOAT, DOUBLE, BOOLEAN, ENUM -> true;
                  case BYTES, FIXED, ARRAY, MAP, RECORD, UNION -> false;
                });
  }

  private static List<Schema> branches(Schema schema) {
    return schema.getType() == Schema.Type.UNION ? schema.getTypes() : List.of(schema);
  }
}
