package dev.countersign.keys;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Cuts a PEM file into its blocks, as RFC 7468 has them and as files in the wild are: text around
 * the blocks, any line end, a byte order mark, RFC 1421 headers.
 *
 * <p>Works on bytes rather than strings, so that what it decodes of a private key can be wiped.
 */
final class PemReader {

  private static final String BEGIN = "-----BEGIN ";
  private static final String END = "-----END ";
  private static final String DASHES = "-----";

  private final KeySource source;
  private final byte[] text;
  private int position;

  private PemReader(byte[] text, KeySource source) {
    this.text = text;
    this.source = source;
  }

  /** Returns the blocks in the order of the file, at least one. */
  static List<PemBlock> read(byte[] text, KeySource source) throws KeyFormatException {
    if (text.length > source.role().maxBytes()) {
      throw source.tooLarge();
    }
    List<PemBlock> blocks = new PemReader(text, source).blocks();
    if (blocks.isEmpty()) {
      throw UnknownKeyText.refuse(text, source);
    }
    return blocks;
  }

  private List<PemBlock> blocks() throws KeyFormatException {
    List<PemBlock> blocks = new ArrayList<>();
    position = Passphrases.byteOrderMark(text, text.length);
    while (position < text.length) {
      String label = labelOf(BEGIN, nextLine());
      if (!label.isEmpty()) {
        UnsupportedKey.checkLabel(label, source);
        blocks.add(block(label));
      }
    }
    return blocks;
  }

  private PemBlock block(String label) throws KeyFormatException {
    Map<String, String> headers = new HashMap<>();
    byte[] base64 = new byte[bytesToEnd()];
    int length = 0;
    try {
      while (position < text.length) {
        Line line = nextLine();
        if (line.startsWith(END)) {
          if (!labelOf(END, line).equals(label)) {
            throw source.refuse(
                "has a block BEGIN " + label + " that is closed by the END of another",
                "The file is damaged; fetch a fresh copy of it.");
          }
          PemBlock block =
              new PemBlock(label, headers, decode(label, Arrays.copyOf(base64, length)));
          if (block.is(PemBlock.OPENSSH)) {
            try {
              throw UnsupportedKey.ofOpenSsh(block.der(), source);
            } finally {
              block.wipe();
            }
          }
          return block;
        }
        int colon = line.indexOf(':');
        if (colon >= 0 && length == 0) {
          headers.put(line.text(0, colon).strip(), line.text(colon + 1, line.length()).strip());
        } else {
          length = line.appendTo(base64, length);
        }
      }
    } finally {
      Arrays.fill(base64, (byte) 0);
    }
    throw source.refuse(
        "ends within its block " + label + ", there is no END line",
        "The file is cut off; fetch a fresh copy of it.");
  }

  /** Returns how many bytes lie between here and the next line END; all if there is none. */
  private int bytesToEnd() {
    int start = position;
    try {
      while (position < text.length) {
        Line line = nextLine();
        if (line.startsWith(END)) {
          return line.start() - start;
        }
      }
      return text.length - start;
    } finally {
      position = start;
    }
  }

  private byte[] decode(String label, byte[] base64) throws KeyFormatException {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      // The decoder's own words quote characters of the file, which may be secret.
      throw source.refuse(
          "has a block " + label + " that is not base64",
          "The file is damaged; fetch a fresh copy of it.");
    } finally {
      Arrays.fill(base64, (byte) 0);
    }
  }

  /** Returns the label of a BEGIN or END line; empty if it is no such line. */
  private static String labelOf(String prefix, Line line) {
    if (!line.startsWith(prefix)) {
      return "";
    }
    String content = line.text(0, line.length()).stripTrailing();
    int end = content.length() - DASHES.length();
    if (end <= prefix.length() || !content.endsWith(DASHES)) {
      return "";
    }
    String label = content.substring(prefix.length(), end);
    return label.chars().allMatch(PemReader::isLabelCharacter) ? label : "";
  }

  /** Narrower than RFC 7468's, whose labels may hold any printable character: ours are shown. */
  private static boolean isLabelCharacter(int c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ';
  }

  private Line nextLine() {
    int start = position;
    while (position < text.length && text[position] != '\n' && text[position] != '\r') {
      position++;
    }
    Line line = new Line(text, start, position);
    position = Math.min(position + 1, text.length);
    return line;
  }

  /** A line of the file without its end: bytes from {@code start}, inclusive, to {@code end}. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Line(byte[] text, int start, int end) {

    int length() {
      return end - start;
    }

    boolean startsWith(String prefix) {
      return length() >= prefix.length() && text(0, prefix.length()).equals(prefix);
    }

    int indexOf(char wanted) {
      for (int i = start; i < end; i++) {
        if (text[i] == wanted) {
          return i - start;
        }
      }
      return -1;
    }

    String text(int from, int to) {
      return new String(text, start + from, to - from, StandardCharsets.ISO_8859_1);
    }

    /** Appends what is not white space; returns the new length. */
    int appendTo(byte[] target, int length) {
      int next = length;
      for (int i = start; i < end; i++) {
        if (text[i] != ' ' && text[i] != '\t') {
          target[next++] = text[i];
        }
      }
      return next;
    }
  }
}
