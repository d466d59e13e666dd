package dev.countersign.oms;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.text.StrictUtf8;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over hostile JSON: strict, bounded, without recursion, and with {@link OmsException} as
 * the only way to fail.
 *
 * <p>The cursor is always on a value. {@link #nextField} and {@link #nextElement} move it to the
 * next one of the object or array that was entered last; every value must be read, entered or
 * {@linkplain #skip skipped} before that. Messages name the field as a JSON pointer (RFC 6901).
 */
final class JsonInput implements AutoCloseable {

  /** Where the JSON library says that something began, which names its source object. */
  private static final Pattern PLACE =
      Pattern.compile(" \\((start marker at|for \\w+ starting at) \\[Source.*", Pattern.DOTALL);

  /** Greatest length of the text of a number, and of a field's name, in characters. */
  private static final int MAX_NUMBER_LENGTH = 64;

  private static final int MAX_FIELD_NAME_LENGTH = 1000;

  /**
   * Greatest number of names of fields that differ, in the whole document. The format has some
   * thirty, and the parser remembers each that it met for as long as it lives.
   */
  private static final int MAX_FIELD_NAMES = 1000;

  /**
   * Longer than any type, method, algorithm or digest that is known, in bytes; also what a string
   * may be longer than a name for.
   */
  static final int MAX_TERM_BYTES = 256;

  private final byte[] json;
  private final String what;
  private final JsonParser parser;
  private final Set<String> fieldNames = new HashSet<>();

  private JsonInput(byte[] json, String what, JsonParser parser) {
    this.json = json;
    this.what = what;
    this.parser = parser;
  }

  /**
   * Returns a cursor on the object that is the whole of {@code json}.
   *
   * @param what the document's name for messages, such as "bundle"
   */
  static JsonInput of(byte[] json, String what, OmsBounds bounds) throws OmsException {
    if (json.length > bounds.maxBundleBytes()) {
      throw OmsException.tooLarge(
          "The %s has %d bytes, more than the limit of %d.",
          what, json.length, bounds.maxBundleBytes());
    }
    JsonText.check(json, what, bounds);
    JsonFactory factory =
        new JsonFactoryBuilder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(bounds.maxDepth())
                    .maxStringLength(
                        Math.max(
                            Math.addExact(bounds.maxNameBytes(), MAX_TERM_BYTES),
                            LogEntry.MAX_CHECKPOINT_BYTES))
                    .maxNameLength(MAX_FIELD_NAME_LENGTH)
                    .maxNumberLength(MAX_NUMBER_LENGTH)
                    .build())
            .build();
    try {
      JsonInput input = new JsonInput(json, what, factory.createParser(json));
      input.advance();
      return input;
    } catch (IOException e) {
      throw new IllegalStateException("an array does not fail to be opened", e);
    }
  }

  /** Enters the object the cursor is on, and goes on as {@link #nextField}. */
  @Nullable String firstField() throws OmsException {
    require(JsonToken.START_OBJECT, "an object");
    return nextField();
  }

  /** Enters the array the cursor is on. */
  void enterArray() throws OmsException {
    require(JsonToken.START_ARRAY, "an array");
  }

  /** Moves to the next field's value and returns its name, or null at the end of the object. */
  @Nullable String nextField() throws OmsException {
    if (advance() == JsonToken.END_OBJECT) {
      return null;
    }
    try {
      String name = parser.currentName();
      advance();
      return name;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Moves to the next element and returns true, or returns false at the end of the array. */
  boolean nextElement() throws OmsException {
    return advance() != JsonToken.END_ARRAY;
  }

  /** Reads the value the cursor is on. */
  @FunctionalInterface
  interface Value<T> {
    T read() throws OmsException;
  }

  /**
   * Returns the value of the only field of interest in the object the cursor is on, or null if it
   * is not there.
   */
  <T> @Nullable T only(String wanted, Value<T> value) throws OmsException {
    T found = null;
    for (String field = firstField(); field != null; field = nextField()) {
      if (field.equals(wanted)) {
        found = value.read();
      } else {
        skip();
      }
    }
    return found;
  }

  /** Returns the elements of the array the cursor is on, at most {@code limit}. */
  <T> List<T> list(int limit, Value<T> element) throws OmsException {
    List<T> elements = new ArrayList<>();
    enterArray();
    while (nextElement()) {
      if (elements.size() == limit) {
        throw tooMany(limit);
      }
      elements.add(element.read());
    }
    return elements;
  }

  /** Returns whether the cursor is on {@code null}. */
  boolean isNull() {
    return parser.currentToken() == JsonToken.VALUE_NULL;
  }

  /** Returns the string the cursor is on, of at most {@code maxBytes} bytes of UTF-8. */
  String text(int maxBytes) throws OmsException {
    require(JsonToken.VALUE_STRING, "a string");
    try {
      String text = parser.getText();
      if (StrictUtf8.length(text) > maxBytes) {
        throw tooLong(maxBytes);
      }
      return text;
    } catch (StreamConstraintsException e) {
      throw tooLong(maxBytes);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Returns the bytes that the string the cursor is on spells in base64; at least one. */
  byte[] base64() throws OmsException {
    require(JsonToken.VALUE_STRING, "a string");
    int quote = (int) parser.currentTokenLocation().getByteOffset();
    byte[] bytes = base64(json, quote);
    if (bytes == null) {
      throw fault("is not base64 in the standard alphabet with padding");
    }
    if (bytes.length == 0) {
      throw fault("is empty");
    }
    return bytes;
  }

  /** As {@link #base64()}, at most {@code maxBytes} bytes. */
  byte[] base64(int maxBytes) throws OmsException {
    byte[] bytes = base64();
    if (bytes.length > maxBytes) {
      throw tooLong(maxBytes);
    }
    return bytes;
  }

  /** Returns the digest that the string the cursor is on spells in lower-case hexadecimal. */
  Digest digest() throws OmsException {
    Digest digest = Digest.parse(text(2 * Digest.MAX_LENGTH));
    if (digest == null) {
      throw fault("is not a digest in lower-case hexadecimal digits");
    }
    return digest;
  }

  /** Returns the truth value the cursor is on. */
  boolean flag() throws OmsException {
    JsonToken token = parser.currentToken();
    if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
      throw mismatch("true or false");
    }
    return token == JsonToken.VALUE_TRUE;
  }

  /** Returns the whole number the cursor is on; {@code 1000.0} and {@code 1e3} are ones too. */
  long wholeNumber() throws OmsException {
    JsonToken token = parser.currentToken();
    if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
      throw mismatch("a number");
    }
    try {
      return new BigDecimal(parser.getText()).longValueExact();
    } catch (ArithmeticException | NumberFormatException e) {
      throw fault("is not a whole number of 64 bits");
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Returns the whole number the cursor is on, which may be written as a string. */
  long wholeNumberOrText() throws OmsException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      return wholeNumber();
    }
    String text = text(MAX_TERM_BYTES);
    try {
      long number = Long.parseLong(text);
      // Not "+1", and not digits of other scripts.
      if (Long.toString(number).equals(text)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw fault("is not a whole number of 64 bits");
  }

  /** Passes over the value the cursor is on, whatever it is. */
  void skip() throws OmsException {
    int depth = 0;
    JsonToken token = parser.currentToken();
    while (true) {
      if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      }
      if (depth == 0) {
        return;
      }
      token = advance();
    }
  }

  /** Requires that nothing follows the object that is the document. */
  void finish() throws OmsException {
    try {
      if (parser.nextToken() == null) {
        return;
      }
    } catch (IOException e) {
      throw failed(e);
    }
    throw OmsException.malformed("The %s goes on after the end of its JSON object.", what);
  }

  /** Returns an exception that says what is wrong with the value the cursor is on. */
  @FormatMethod
  OmsException fault(@FormatString String fault, Object... arguments) {
    return OmsException.malformed("%s %s.", place(pointer()), Message.of(fault, arguments));
  }

  /** Returns what was read of {@code field} in the object just left; null says it is missing. */
  <T> T required(String field, @Nullable T value) throws OmsException {
    if (value == null) {
      throw OmsException.malformed("%s is missing.", place(pointer() + "/" + field));
    }
    return value;
  }

  /** Releases the parser's buffers. */
  @Override
  public void close() {
    try {
      parser.close();
    } catch (IOException e) {
      throw new IllegalStateException("an array does not fail to be closed", e);
    }
  }

  @CanIgnoreReturnValue
  private JsonToken advance() throws OmsException {
    JsonToken token;
    try {
      token = parser.nextToken();
      if (token == JsonToken.FIELD_NAME
          && fieldNames.add(parser.currentName())
          && fieldNames.size() > MAX_FIELD_NAMES) {
        throw OmsException.tooLarge(
            "The %s goes beyond a limit: it has fields of more than %d different names.",
            what, MAX_FIELD_NAMES);
      }
    } catch (IOException e) {
      throw failed(e);
    }
    if (token == null) {
      throw OmsException.malformed("The %s is cut off: its JSON object does not end.", what);
    }
    return token;
  }

  /** Returns the exception for an array that goes on, with the cursor's element, after a limit. */
  private OmsException tooMany(int limit) {
    String element = pointer();
    return OmsException.tooLarge(
        "%s has more than %d elements, which is the limit.",
        place(element.substring(0, element.lastIndexOf('/'))), limit);
  }

  private void require(JsonToken expected, String description) throws OmsException {
    if (parser.currentToken() != expected) {
      throw mismatch(description);
    }
  }

  private OmsException mismatch(String expected) {
    return fault("should be %s", expected);
  }

  private OmsException tooLong(int maxBytes) {
    return OmsException.tooLarge(
        "%s has more than %d bytes, which is the limit.", place(pointer()), maxBytes);
  }

  private OmsException failed(IOException e) {
    if (e instanceof StreamConstraintsException limit) {
      return OmsException.tooLarge(
          "The %s goes beyond a limit: %s", what, Printable.of(limit.getOriginalMessage()));
    }
    if (e instanceof JsonProcessingException syntax) {
      return OmsException.malformed(
          "The %s is not valid JSON at byte %d: %s",
          what,
          parser.currentLocation().getByteOffset(),
          Printable.of(PLACE.matcher(syntax.getOriginalMessage()).replaceFirst("")));
    }
    throw new IllegalStateException("an array does not fail to be read", e);
  }

  private String place(String pointer) {
    return pointer.isEmpty() ? "The " + what : "The " + what + "'s field " + Printable.of(pointer);
  }

  private String pointer() {
    return parser.getParsingContext().pathAsPointer().toString();
  }

  /**
   * Returns the bytes that the string at {@code quote} spells in the standard alphabet with
   * padding, or null if it does not. The unused bits of the last character are zero. Carriage
   * returns and line feeds are skipped, as by other clients, so there is one spelling of the bytes
   * apart from line ends.
   *
   * <p>It is decoded straight from the document: a bundle's payload is nearly all of the bundle,
   * and as text it would take twice the memory again.
   *
   * @param json a document in UTF-8
   * @param quote where the string's opening quote is
   */
  static byte @Nullable [] base64(byte[] json, int quote) {
    int end = quote + 1;
    boolean escaped = false;
    while (end < json.length && json[end] != '"') {
      if (json[end] == '\\') {
        escaped = true;
        end++;
      }
      end++;
    }
    if (end >= json.length) {
      return null;
    }
    if (!escaped) {
      return decode(ByteBuffer.wrap(json, quote + 1, end - quote - 1));
    }
    ByteBuffer plain = unescaped(json, quote + 1, end);
    return plain == null ? null : decode(plain);
  }

  @SuppressWarnings("ByteBufferBackingArray") // the decoder wraps a new array of its own
  private static byte @Nullable [] decode(ByteBuffer base64) {
    // The decoder takes a last group without its padding.
    if (base64.remaining() % 4 != 0) {
      return null;
    }
    ByteBuffer decoded;
    try {
      decoded = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return null;
    }
    byte[] array = decoded.array();
    int length = decoded.remaining();
    return isOnlySpelling(base64, array, length)
        ? array.length == length ? array : Arrays.copyOf(array, length)
        : null;
  }

  /** Returns whether the last bytes, where there is padding, are spelled as they were. */
  private static boolean isOnlySpelling(ByteBuffer base64, byte[] decoded, int length) {
    int rest = length % 3;
    if (rest == 0) {
      return true;
    }
    byte[] spelled = Base64.getEncoder().encode(Arrays.copyOfRange(decoded, length - rest, length));
    return base64
        .slice(base64.limit() - spelled.length, spelled.length)
        .equals(ByteBuffer.wrap(spelled));
  }

  /**
   * Undoes the escapes that some writers use: {@code \/}, and {@code \}{@code u003d} for "=". Line
   * ends are left out; a string in JSON cannot hold them unescaped.
   */
  private static @Nullable ByteBuffer unescaped(byte[] json, int start, int end) {
    byte[] plain = new byte[end - start];
    int length = 0;
    for (int i = start; i < end; ) {
      if (json[i] != '\\') {
        plain[length++] = json[i++];
      } else if (json[i + 1] == '/') {
        plain[length++] = '/';
        i += 2;
      } else if (json[i + 1] == 'n' || json[i + 1] == 'r') {
        i += 2;
      } else {
        int unit = JsonText.escapedUnit(json, i);
        if (unit < 0 || unit > 0x7f) {
          return null;
        }
        if (unit != '\n' && unit != '\r') {
          plain[length++] = (byte) unit;
        }
        i += 6;
      }
    }
    return ByteBuffer.wrap(plain, 0, length);
  }
}
