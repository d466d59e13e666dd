package dev.countersign.catalog.file;

import dev.countersign.avro.ContainerHeader;
import dev.countersign.avro.ContainerReader;
import dev.countersign.avro.MalformedAvroException;
import dev.countersign.avro.RecordDecoder;
import dev.countersign.catalog.CatalogException;
import dev.countersign.storage.StorageException;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.text.StrictUtf8;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.util.Utf8;
import org.jspecify.annotations.Nullable;

/**
 * An Avro file of any record schema that has the catalog's fields. Fields that are neither one of
 * them nor a label, such as nested records, are skipped.
 */
final class AvroRecords implements RecordReader {

  private final ContainerReader container;
  private final RecordDecoder<GenericRecord> decoder;
  private final Schema wanted;
  private long number;
  private boolean ended;

  /**
   * Reads the header.
   *
   * @param shown what to call the catalog in messages
   * @throws CatalogException if it is no Avro file, or has no field {@code model}
   */
  AvroRecords(CatalogInput input, String shown) throws StorageException, CatalogException {
    InputStream stream = input.asStream();
    ContainerHeader header;
    try {
      header = ContainerHeader.read(stream);
    } catch (IOException e) {
      throw unusable(shown, fault(e), e);
    }
    String fault = fault(header);
    if (!fault.isEmpty()) {
      throw unusable(shown, fault, null);
    }
    Schema written = header.schema();
    this.wanted = wanted(written);
    this.decoder =
        new RecordDecoder<>(
            written,
            new GenericDatumReader<>(written, wanted, new GenericData()),
            CatalogLimits.MAX_BLOCK_BYTES);
    this.container =
        new ContainerReader(stream, header, header.length(), CatalogLimits.MAX_BLOCK_BYTES);
  }

  @Override
  public Optional<CatalogRecord> next() throws StorageException {
    if (ended) {
      return Optional.empty();
    }
    try {
      number++;
      return Optional.ofNullable(container.next(decoder)).map(this::record);
    } catch (IOException e) {
      ended = true;
      return Optional.of(CatalogRecord.broken(number, fault(e)));
    }
  }

  /** Returns which rule the file breaks, and what would help. */
  private static String fault(IOException e) throws StorageException {
    if (e.getCause() instanceof StorageException cause) {
      throw cause;
    }
    if (!(e instanceof MalformedAvroException malformed)) {
      throw new IllegalStateException("a catalog's input throws nothing else", e);
    }
    return malformed.getMessage()
        + switch (malformed.kind()) {
          case NO_CONTAINER -> ". Write one, or give the file its right extension.";
          case HEADER -> ". Write the file again.";
          case CUT_OFF -> ", so the catalog ends here. Write or copy it again.";
          case DAMAGED -> ", so the catalog ends here. Write the file again.";
          case TOO_LARGE -> ", so the catalog ends here. Write smaller blocks or records.";
        };
  }

  private static CatalogException unusable(
      String shown, String fault, @Nullable IOException cause) {
    return new CatalogException(
        Message.of("The catalog %s cannot be used: %s", shown, fault), cause);
  }

  private CatalogRecord record(GenericRecord record) {
    CatalogRecord.Draft draft = new CatalogRecord.Draft(number);
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

  private static String text(Object value, CatalogRecord.Draft draft) {
    if (!(value instanceof Utf8 encoded)) {
      return String.valueOf(value);
    }
    Optional<String> text =
        StrictUtf8.decode(Arrays.copyOf(encoded.getBytes(), encoded.getByteLength()));
    if (text.isEmpty()) {
      draft.fault(CatalogRecord.NOT_UTF_8);
    }
    return text.orElse("");
  }

  /** Returns why a file with this header cannot be used; empty if it can. */
  private static String fault(ContainerHeader header) {
    if (!ContainerHeader.CODECS.contains(header.codec())) {
      return Message.of(
          "its codec is %s. Write it with null, deflate or snappy.", Printable.of(header.codec()));
    }
    Schema written = header.schema();
    if (written.getType() != Schema.Type.RECORD) {
      return "its schema is not that of a record. Write records.";
    }
    if (written.getFields().size() > CatalogLimits.MAX_FIELDS) {
      return Message.of(
          "its records have more than %d fields, which is the limit. Leave some out.",
          CatalogLimits.MAX_FIELDS);
    }
    for (Schema.Field field : written.getFields()) {
      for (Schema type : branches(field.schema())) {
        if (isOwn(field) && !isAllowed(field, type)) {
          return Message.of(
              "its field %s is of type %s. Write %s, or a union of that and null.",
              field.name(),
              Printable.of(type.getType().getName()),
              isIgnorePaths(field) ? "an array of strings" : "a string");
        }
      }
    }
    int labels = (int) written.getFields().stream().filter(AvroRecords::isLabel).count();
    return CsvRecords.fieldsFault(written.getField(Field.MODEL) != null, labels, "field");
  }

  /** Returns the schema without what is not wanted. */
  private static Schema wanted(Schema written) {
    return Schema.createRecord(
        written.getName(),
        null,
        written.getNamespace(),
        written.isError(),
        written.getFields().stream()
            .filter(field -> isOwn(field) || isLabel(field))
            .map(field -> new Schema.Field(field.name(), field.schema()))
            .toList());
  }

  private static boolean isOwn(Schema.Field field) {
    return JsonRecords.isOwn(field.name()) || isIgnorePaths(field);
  }

  private static boolean isIgnorePaths(Schema.Field field) {
    return field.name().equals(Field.IGNORE_PATHS);
  }

  private static boolean isAllowed(Schema.Field field, Schema type) {
    return switch (type.getType()) {
      case NULL, STRING -> true;
      case ARRAY -> isIgnorePaths(field) && type.getElementType().getType() == Schema.Type.STRING;
      default -> false;
    };
  }

  private static boolean isLabel(Schema.Field field) {
    return !isOwn(field)
        && field.name().length() <= CatalogLimits.MAX_LABEL_NAME
        && branches(field.schema()).stream().allMatch(AvroRecords::isScalar);
  }

  private static boolean isScalar(Schema type) {
    return switch (type.getType()) {
      case NULL, STRING, INT, LONG, FLOAT, DOUBLE, BOOLEAN, ENUM -> true;
      case BYTES, FIXED, ARRAY, MAP, RECORD, UNION -> false;
    };
  }

  private static List<Schema> branches(Schema schema) {
    return schema.getType() == Schema.Type.UNION ? schema.getTypes() : List.of(schema);
  }
}
