package dev.countersign.pkcs11;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.text.StrictUtf8;
import java.io.ByteArrayOutputStream;
import java.io.Serializable;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * URI of a private key in a PKCS#11 token (RFC 7512). It holds no secret: a PIN in it is refused.
 *
 * @param name the URI up to its query, as it was given
 * @param attributes what the path names, decoded, by name; without {@code id}
 * @param id the key's {@code CKA_ID} in lower-case hex; empty if the URI does not name it
 * @param modulePath file of the module, or a folder to search for it, absolute; empty if not named
 * @param moduleName name of the module's file without its extension; empty if not named
 * @param pinFile file with the PIN, absolute; empty if not named
 */
public record Pkcs11Uri(
    String name,
    Map<String, String> attributes,
    String id,
    String modulePath,
    String moduleName,
    String pinFile)
    implements Serializable {

  private static final String SCHEME = "pkcs11:";

  /** Attributes of RFC 7512, section 2.3, each compared with what module and token say. */
  static final String TOKEN = "token";

  static final String MANUFACTURER = "manufacturer";
  static final String SERIAL = "serial";
  static final String MODEL = "model";
  static final String LIBRARY_MANUFACTURER = "library-manufacturer";
  static final String LIBRARY_DESCRIPTION = "library-description";
  static final String LIBRARY_VERSION = "library-version";
  static final String SLOT_MANUFACTURER = "slot-manufacturer";
  static final String SLOT_DESCRIPTION = "slot-description";
  static final String SLOT_ID = "slot-id";
  static final String OBJECT = "object";
  private static final String TYPE = "type";
  private static final String ID = "id";

  private static final String PRIVATE = "private";

  private static final List<String> PATH =
      List.of(
          TOKEN,
          MANUFACTURER,
          SERIAL,
          MODEL,
          LIBRARY_MANUFACTURER,
          LIBRARY_DESCRIPTION,
          LIBRARY_VERSION,
          SLOT_MANUFACTURER,
          SLOT_DESCRIPTION,
          SLOT_ID,
          OBJECT,
          TYPE,
          ID);

  private static final String MODULE_PATH = "module-path";
  private static final String MODULE_NAME = "module-name";
  private static final String PIN_SOURCE = "pin-source";
  private static final String PIN_VALUE = "pin-value";
  private static final String FILE = "file:";
  private static final List<String> QUERY = List.of(MODULE_PATH, MODULE_NAME, PIN_SOURCE);

  private static final BigInteger MAX_SLOT = BigInteger.valueOf(0xFFFF_FFFFL);
  private static final int MAX_LENGTH = 8192;

  /** Copies the attributes. */
  public Pkcs11Uri {
    attributes = Map.copyOf(attributes);
  }

  /**
   * Reads a URI.
   *
   * @throws Pkcs11Exception if it breaks a rule of RFC 7512, names no private key, holds a PIN, or
   *     has an attribute that is not known; no message shows its query
   */
  public static Pkcs11Uri parse(String text) throws Pkcs11Exception {
    if (text.length() > MAX_LENGTH) {
      throw refuse("is longer than " + MAX_LENGTH + " characters", Remedy.NONE);
    }
    if (!text.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw refuse(
          "does not begin with pkcs11:",
          Remedy.text("Name a key as in pkcs11:token=LABEL;object=LABEL?module-path=FILE."));
    }
    int query = text.indexOf('?');
    String path = text.substring(SCHEME.length(), query < 0 ? text.length() : query);
    Map<String, byte[]> named = split(path, ";", PATH);
    Map<String, byte[]> asked = query < 0 ? Map.of() : split(text.substring(query + 1), "&", QUERY);
    byte[] id = named.get(ID);
    Map<String, String> attributes = texts(named);
    requireKey(attributes, id);
    Map<String, String> queried = texts(asked);
    return new Pkcs11Uri(
        query < 0 ? text : text.substring(0, query),
        attributes,
        id == null ? "" : HexFormat.of().formatHex(id),
        absolute(MODULE_PATH, queried.getOrDefault(MODULE_PATH, "")),
        queried.getOrDefault(MODULE_NAME, ""),
        pinFile(queried));
  }

  /** Returns what an attribute of the path must be; empty if the URI does not name it. */
  Optional<String> attribute(String attribute) {
    return Optional.ofNullable(attributes.get(attribute));
  }

  /** Returns the slot; empty if the URI does not name it. */
  Optional<Long> slot() {
    return attribute(SLOT_ID).map(Long::valueOf);
  }

  /** Returns the {@code CKA_ID} of the key; empty if the URI does not name it. */
  Optional<byte[]> keyId() {
    return Optional.of(id).filter(hex -> !hex.isEmpty()).map(HexFormat.of()::parseHex);
  }

  /** Returns the URI up to its query, for messages. */
  @Override
  public String toString() {
    return Printable.of(name);
  }

  private static Map<String, byte[]> split(String part, String separator, List<String> known)
      throws Pkcs11Exception {
    Map<String, byte[]> found = new LinkedHashMap<>();
    if (part.isEmpty()) {
      return found;
    }
    for (String attribute : part.split(separator, -1)) {
      int equals = attribute.indexOf('=');
      if (equals <= 0) {
        throw refuse(
            "has something else than NAME=VALUE before or after a '" + separator + "'",
            Remedy.text("Write each attribute as NAME=VALUE, and those characters in it as %XX."));
      }
      String name = attribute.substring(0, equals);
      if (name.equals(PIN_VALUE)) {
        throw refuse(
            "holds a PIN in pin-value, which others can read in the list of processes",
            Remedy.of(
                "Write the PIN into a file that only you can read and name that with"
                    + " pin-source=file:FILE, or name a variable of the environment with %s.",
                Setting.PIN_ENV));
      }
      if (!known.contains(name)) {
        throw unknown(name, known);
      }
      if (found.put(name, decode(name, attribute.substring(equals + 1))) != null) {
        throw refuse("names " + name + " twice", Remedy.text("Name it once."));
      }
    }
    return found;
  }

  private static Pkcs11Exception unknown(String name, List<String> known) {
    boolean isQuery = known.equals(QUERY);
    if ((isQuery ? PATH : QUERY).contains(name)) {
      return refuse(
          "has the attribute " + name + (isQuery ? " after the '?'" : " before the '?'"),
          Remedy.text(
              isQuery
                  ? "It belongs before the '?', after a ';'."
                  : "It belongs after the '?', the second and later ones after a '&'."));
    }
    return refuse(
        Message.of("has the attribute '%s', which is not known", Printable.of(name)),
        Remedy.text(
            Message.of(
                "Known are, before the '?': %s; after it: %s.",
                String.join(", ", PATH), String.join(", ", QUERY))));
  }

  /** Characters that RFC 7512 wants encoded are taken as they are, as the reference client does. */
  private static byte[] decode(String name, String value) throws Pkcs11Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(value.length());
    byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < encoded.length; i++) {
      if (encoded[i] != '%') {
        bytes.write(encoded[i]);
        continue;
      }
      int high = i + 2 < encoded.length ? digit(encoded[i + 1]) : -1;
      int low = i + 2 < encoded.length ? digit(encoded[i + 2]) : -1;
      if (high < 0 || low < 0) {
        throw refuse(
            "has a % in " + name + " without two hexadecimal digits after it",
            Remedy.text("Write a percent sign itself as %25."));
      }
      bytes.write(high << 4 | low);
      i += 2;
    }
    return bytes.toByteArray();
  }

  private static int digit(byte character) {
    return character < 0 ? -1 : Character.digit((char) character, 16);
  }

  private static Map<String, String> texts(Map<String, byte[]> attributes) throws Pkcs11Exception {
    Map<String, String> texts = new LinkedHashMap<>();
    for (Map.Entry<String, byte[]> attribute : attributes.entrySet()) {
      String name = attribute.getKey();
      if (!name.equals(ID)) {
        texts.put(
            name,
            StrictUtf8.decode(attribute.getValue())
                .orElseThrow(
                    () ->
                        refuse(
                            "holds bytes in " + name + " that are not UTF-8",
                            Remedy.text("Of all attributes, id alone takes other bytes."))));
      }
    }
    return texts;
  }

  private static void requireKey(Map<String, String> attributes, byte @Nullable [] id)
      throws Pkcs11Exception {
    if (id == null ? !attributes.containsKey(OBJECT) : id.length == 0) {
      throw refuse(
          "names no key", Remedy.text("Name its label with object=LABEL or its id with id=%XX."));
    }
    String type = attributes.getOrDefault(TYPE, PRIVATE);
    if (!type.equals(PRIVATE)) {
      throw refuse(
          Message.of("has the type '%s', and a private key signs", Printable.of(type)),
          Remedy.text("Write type=private, or leave the type out."));
    }
    String slot = attributes.getOrDefault(SLOT_ID, "0");
    if (!slot.matches("[0-9]{1,20}") || new BigInteger(slot).compareTo(MAX_SLOT) > 0) {
      throw refuse(
          Message.of("has the slot-id '%s'", Printable.of(slot)),
          Remedy.text("It must be a number from 0 to " + MAX_SLOT + "."));
    }
  }

  /** A file, as {@code file:/FILE} or {@code /FILE}. Programs that print a PIN are not run. */
  private static String pinFile(Map<String, String> queried) throws Pkcs11Exception {
    String source = queried.get(PIN_SOURCE);
    if (source == null) {
      return "";
    }
    String file = source;
    if (source.regionMatches(true, 0, FILE, 0, FILE.length())) {
      file = source.substring(FILE.length());
      if (file.startsWith("//localhost/")) {
        file = file.substring("//localhost".length());
      } else if (file.startsWith("///")) {
        file = file.substring("//".length());
      }
    }
    if (!file.startsWith("/") || file.startsWith("//")) {
      throw refuse(
          "has a pin-source that is not a file on this machine",
          Remedy.of(
              "Write pin-source=file:FILE with the absolute path of a file, or name a variable of"
                  + " the environment with %s.",
              Setting.PIN_ENV));
    }
    return file;
  }

  private static String absolute(String attribute, String path) throws Pkcs11Exception {
    if (!path.isEmpty() && !path.startsWith("/")) {
      throw refuse(
          Message.of("has the %s '%s', which is not absolute", attribute, Printable.of(path)),
          Remedy.text("Write it from the root of the file system."));
    }
    return path;
  }

  private static Pkcs11Exception refuse(String problem, Remedy remedy) {
    return new Pkcs11Exception(
        "The PKCS#11 URI " + problem + ".",
        remedy.equals(Remedy.NONE) ? Remedy.of("Check %s.", Setting.PKCS11_URI) : remedy);
  }
}
