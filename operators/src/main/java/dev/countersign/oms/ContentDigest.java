package dev.countersign.oms;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A digest of what a value says, the same in every process: records by their components, lists in
 * order, sets and maps whatever their order. Each part goes in with its kind and its length, so
 * that no two values look alike.
 *
 * <p>A component of a record that says nothing (null, empty, zero or false) is left out, so that a
 * record that gets a component with such a default keeps its digest in the next release.
 */
public final class ContentDigest {

  private ContentDigest() {}

  /**
   * Returns a value's SHA-256, lower-case hexadecimal.
   *
   * @param value null, text, numbers, bytes, times, enums, and records and collections of them
   * @throws IllegalArgumentException if something else is in it
   */
  public static String of(@Nullable Object value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      write(value, out);
    } catch (IOException e) {
      throw new UncheckedIOException("a stream in memory failed", e);
    }
    return Sha256.hex(bytes.toByteArray());
  }

  /**
   * Returns the digest of a sequence that is one value longer, so that a long one is never in
   * memory as a whole.
   *
   * @param before the digest of the values before; empty at the first
   */
  public static String chained(String before, Object next) {
    return Sha256.hex((before + of(next)).getBytes(StandardCharsets.US_ASCII));
  }

  private static void write(@Nullable Object value, DataOutputStream out) throws IOException {
    if (value == null) {
      out.writeByte('-');
    } else if (value instanceof byte[] bytes) {
      part('b', bytes, out);
    } else if (value instanceof Enum<?> constant) {
      text('e', constant.name(), out);
    } else if (value instanceof CharSequence
        || value instanceof Number
        || value instanceof Boolean
        || value instanceof Instant
        || value instanceof Duration) {
      text('s', value.toString(), out);
    } else if (value instanceof Optional<?> optional) {
      write(optional.orElse(null), out);
    } else if (value instanceof Record record) {
      text('r', record.getClass().getSimpleName(), out);
      for (RecordComponent component : record.getClass().getRecordComponents()) {
        Object part = read(component, record);
        if (!saysNothing(part)) {
          text('c', component.getName(), out);
          write(part, out);
        }
      }
      out.writeByte('.');
    } else if (value instanceof Map<?, ?> map) {
      List<String> entries = new ArrayList<>();
      map.forEach((key, entry) -> entries.add(of(key) + of(entry)));
      entries.sort(null);
      list('m', entries, out);
    } else if (value instanceof Set<?> set) {
      list('u', set.stream().map(ContentDigest::of).sorted().toList(), out);
    } else if (value instanceof Collection<?> collection) {
      list('l', collection, out);
    } else {
      throw new IllegalArgumentException("no digest of a " + value.getClass().getName());
    }
  }

  private static boolean saysNothing(@Nullable Object value) {
    return value == null
        || value.equals("")
        || value.equals(false)
        || value.equals(Optional.empty())
        || (value instanceof Number number && number.doubleValue() == 0)
        || (value instanceof Collection<?> collection && collection.isEmpty())
        || (value instanceof Map<?, ?> map && map.isEmpty());
  }

  private static void list(char kind, Collection<?> elements, DataOutputStream out)
      throws IOException {
    out.writeByte(kind);
    out.writeInt(elements.size());
    for (Object element : elements) {
      write(element, out);
    }
  }

  private static void text(char kind, String text, DataOutputStream out) throws IOException {
    part(kind, text.getBytes(StandardCharsets.UTF_8), out);
  }

  private static void part(char kind, byte[] bytes, DataOutputStream out) throws IOException {
    out.writeByte(kind);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static @Nullable Object read(RecordComponent component, Record record) {
    try {
      boolean unused = component.getAccessor().trySetAccessible();
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException("a record does not tell " + component.getName(), e);
    }
  }
}
