package dev.countersign.keys;

import dev.countersign.text.Message;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/** Certificate revocation lists in a file: one in DER, or one or more in PEM (RFC 7468, 6). */
public final class RevocationListFile {

  /** The first byte of every list in DER: a SEQUENCE. */
  private static final byte SEQUENCE = 0x30;

  private RevocationListFile() {}

  /**
   * Reads a file of at most 64 MiB from the local disk.
   *
   * @return its content, not parsed yet
   * @throws KeyFormatException if the file cannot be read
   */
  public static byte[] load(String path) throws KeyFormatException {
    return new KeySource(KeySource.Role.REVOCATION_LIST, path).read();
  }

  /**
   * Returns the DER of each list, which is not parsed.
   *
   * @param content at most 64 MiB; not copied if it is DER
   * @param source how messages name it: the path, as a rule
   * @return at least one
   * @throws KeyFormatException if it holds none, or PEM that is damaged
   */
  public static List<byte[]> lists(byte[] content, String source) throws KeyFormatException {
    KeySource where = new KeySource(KeySource.Role.REVOCATION_LIST, source);
    if (content.length > where.role().maxBytes()) {
      throw where.tooLarge();
    }
    if (content.length > 0 && content[0] == SEQUENCE) {
      return List.of(content);
    }
    List<PemBlock> blocks = PemReader.read(content, where);
    requireWhole(content, blocks, where);
    List<byte[]> lists =
        blocks.stream().filter(block -> block.is(PemBlock.X509_CRL)).map(PemBlock::der).toList();
    if (lists.isEmpty()) {
      throw where.refuse("has PEM blocks, and none is an X509 CRL", where.role().another());
    }
    return lists;
  }

  /** A list that is passed over would leave the certificates valid that it revokes. */
  private static void requireWhole(byte[] content, List<PemBlock> blocks, KeySource where)
      throws KeyFormatException {
    String text = new String(content, StandardCharsets.ISO_8859_1);
    for (String mark : List.of("-----BEGIN", "-----END")) {
      if (count(mark, text) != blocks.size()) {
        throw where.refuse(
            Message.of(
                "has %s %d times and %d whole PEM blocks, so that a list may be passed over",
                mark, count(mark, text), blocks.size()),
            "Put each BEGIN X509 CRL and END X509 CRL on a line of its own, with nothing before"
                + " it.");
      }
    }
    for (PemBlock block : blocks) {
      if (block.label().endsWith("CRL") && !block.is(PemBlock.X509_CRL)) {
        throw where.refuse(
            "has a block " + block.label() + ", which may be a list that is passed over",
            "Revocation lists are blocks X509 CRL; fetch a fresh copy of it.");
      }
    }
  }

  private static long count(String mark, String text) {
    return Pattern.compile(mark).matcher(text).results().count();
  }
}
