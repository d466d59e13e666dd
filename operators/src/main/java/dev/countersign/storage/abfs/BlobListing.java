package dev.countersign.storage.abfs;

import dev.countersign.storage.objects.ObjectPage;
import dev.countersign.storage.objects.StoredKey;
import dev.countersign.storage.rest.Escaped;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** Reads a page of a listing of blobs, which is XML. */
final class BlobListing {

  private static final XMLInputFactory XML = XMLInputFactory.newDefaultFactory();

  static {
    XML.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    XML.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    XML.setProperty(XMLInputFactory.IS_COALESCING, true);
  }

  /** Elements of a blob that are read, outside of what its writer chose. */
  private static final Set<String> FIELDS =
      Set.of("Name", "Content-Length", "Etag", "Last-Modified", "AccessTier", "ResourceType");

  /** The element whose elements are named by whoever wrote the blob. */
  private static final String METADATA = "Metadata";

  /** The only one of these that is read. */
  private static final String FOLDER = "hdi_isfolder";

  private final List<StoredKey> keys = new ArrayList<>();
  private final List<String> prefixes = new ArrayList<>();
  private String next = "";

  private BlobListing() {}

  /**
   * Reads a page.
   *
   * @throws IOException if it is not one
   */
  static ObjectPage page(byte[] answer) throws IOException {
    BlobListing listing = new BlobListing();
    try {
      XMLStreamReader reader = XML.createXMLStreamReader(new ByteArrayInputStream(answer));
      if (reader.nextTag() != XMLStreamConstants.START_ELEMENT
          || !reader.getLocalName().equals("EnumerationResults")) {
        throw new IOException("not a listing");
      }
      listing.read(reader);
    } catch (XMLStreamException e) {
      throw new IOException("not a listing", e);
    }
    return new ObjectPage(listing.keys, listing.prefixes, listing.next);
  }

  /** Returns the version of an entity tag, with or without quotation marks. */
  static String version(String tag) {
    return "etag-" + tag.replace("\"", "");
  }

  /** Returns the entity tag of a version, as it is sent. */
  static String tag(String version) {
    return '"' + (version.startsWith("etag-") ? version.substring(5) : version) + '"';
  }

  /**
   * Returns a blob. A folder of an account with a hierarchy, or one that Hadoop made, is an empty
   * blob; in keys, the slash at its end shows what it is.
   *
   * @param tier of access; empty if there are none
   */
  static StoredKey key(
      String name, long length, String tag, String modified, String tier, boolean isFolder)
      throws IOException {
    if (tag.isEmpty() || length < 0) {
      throw new IOException("a blob without entity tag or length");
    }
    return new StoredKey(
        isFolder && length == 0 && !name.endsWith("/") ? name + "/" : name,
        length,
        version(tag),
        millis(modified),
        tier.equals("Archive") ? tier : "");
  }

  private static long millis(String time) throws IOException {
    try {
      return time.isEmpty()
          ? 0
          : Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(time)).toEpochMilli();
    } catch (DateTimeException e) {
      throw new IOException("not a time", e);
    }
  }

  private void read(XMLStreamReader reader) throws XMLStreamException, IOException {
    Map<String, String> blob = new HashMap<>();
    while (reader.hasNext()) {
      int event = reader.next();
      if (event == XMLStreamConstants.START_ELEMENT) {
        String element = reader.getLocalName();
        if (element.equals(METADATA)) {
          blob.put(FOLDER, folder(reader));
        } else if (element.equals("Blob") || element.equals("BlobPrefix")) {
          blob.clear();
        } else if (element.equals("NextMarker")) {
          next = reader.getElementText();
        } else if (FIELDS.contains(element)) {
          boolean isEscaped = "true".equals(reader.getAttributeValue(null, "Encoded"));
          String text = reader.getElementText();
          blob.put(element, isEscaped ? Escaped.undone(text) : text);
        }
      } else if (event == XMLStreamConstants.END_ELEMENT) {
        add(reader.getLocalName(), blob);
      }
    }
  }

  /** Reads the metadata of a blob to its end, and returns the value that marks a folder. */
  private static String folder(XMLStreamReader reader) throws XMLStreamException {
    String folder = "";
    while (reader.nextTag() == XMLStreamConstants.START_ELEMENT) {
      // Names of metadata keep the case in which they were written.
      String name = reader.getLocalName().toLowerCase(Locale.ROOT);
      String value = reader.getElementText();
      if (name.equals(FOLDER)) {
        folder = value;
      }
    }
    return folder;
  }

  private void add(String element, Map<String, String> blob) throws IOException {
    String name = blob.getOrDefault("Name", "");
    if (element.equals("BlobPrefix")) {
      prefixes.add(name);
    } else if (element.equals("Blob")) {
      String length = blob.getOrDefault("Content-Length", "");
      keys.add(
          key(
              name,
              length.matches("\\d{1,18}") ? Long.parseLong(length) : -1,
              blob.getOrDefault("Etag", ""),
              blob.getOrDefault("Last-Modified", ""),
              blob.getOrDefault("AccessTier", ""),
              blob.getOrDefault(FOLDER, "").equalsIgnoreCase("true")
                  || blob.getOrDefault("ResourceType", "").equals("directory")));
    }
  }
}
