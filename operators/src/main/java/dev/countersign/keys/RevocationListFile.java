package dev.countersign.keys;

import java.util.List;

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
    return KeyFile.read(new KeySource(KeySource.Role.REVOCATION_LIST, path));
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
    List<byte[]> lists =
        PemReader.read(content, where).stream()
            .filter(block -> block.is(PemBlock.X509_CRL))
            .map(PemBlock::der)
            .toList();
    if (lists.isEmpty()) {
      throw where.refuse("has PEM blocks, and none is an X509 CRL", where.role().another());
    }
    return lists;
  }
}
