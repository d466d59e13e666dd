package dev.countersign.trust;

import dev.countersign.oms.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * A file of certificate revocation lists: one in DER, or one or more in PEM.
 *
 * @param source how messages name the file: its path, as a rule
 * @param content its bytes, not parsed yet; never modified
 */
@SuppressWarnings("ArrayRecordComponent") // equals and hashCode go by content
public record CrlFile(String source, byte[] content) implements Serializable {

  /** The most that a file may hold, in bytes: more than a million revoked certificates. */
  static final int MAX_BYTES = 64 << 20;

  private static final String BEGIN = "-----BEGIN ";
  private static final String BEGIN_CRL = "-----BEGIN X509 CRL-----";
  private static final String END_CRL = "-----END X509 CRL-----";

  /** The first byte of every list in DER: a SEQUENCE. */
  static final byte SEQUENCE = 0x30;

  /**
   * Reads a file of at most 64 MiB from the local disk.
   *
   * @throws TrustException if the file cannot be read
   */
  public static CrlFile load(String path) throws TrustException {
    try (InputStream in = Files.newInputStream(Path.of(path))) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw tooLarge(path);
      }
      return new CrlFile(path, bytes);
    } catch (NoSuchFileException e) {
      throw refuse(path, "does not exist on this machine", "Check --crl.");
    } catch (AccessDeniedException e) {
      throw refuse(
          path, "may not be read by this user", "Change its permissions, or run as its owner.");
    } catch (InvalidPathException e) {
      throw refuse(path, "is not a valid path here", "Check --crl.");
    } catch (IOException e) {
      throw refuse(path, "cannot be read (" + e.getClass().getSimpleName() + ")", "Check --crl.");
    }
  }

  /** Returns the DER of each list in the file, at least one. */
  List<byte[]> lists() throws TrustException {
    if (content.length > MAX_BYTES) {
      throw tooLarge(source);
    }
    if (content.length > 0 && content[0] == SEQUENCE) {
      return List.of(content);
    }
    String text = new String(content, StandardCharsets.ISO_8859_1);
    List<byte[]> lists = new ArrayList<>();
    int begin = text.indexOf(BEGIN_CRL);
    while (begin >= 0) {
      int from = begin + BEGIN_CRL.length();
      int end = text.indexOf(END_CRL, from);
      if (end < 0) {
        throw refuse(
            source,
            "ends within a block X509 CRL, there is no END line",
            "The file is cut off; fetch a fresh copy of it.");
      }
      lists.add(decode(text.substring(from, end), source));
      begin = text.indexOf(BEGIN_CRL, end);
    }
    if (lists.isEmpty()) {
      throw refuse(
          source,
          text.contains(BEGIN)
              ? "has PEM blocks, and none is an X509 CRL"
              : "is neither PEM with a block X509 CRL nor DER",
          "Give the list that the certificate's issuer publishes to --crl.");
    }
    return lists;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CrlFile that
        && source.equals(that.source)
        && Arrays.equals(content, that.content);
  }

  @Override
  public int hashCode() {
    return 31 * source.hashCode() + Arrays.hashCode(content);
  }

  static TrustException refuse(String source, String problem, String remedy) {
    return new TrustException(
        "Cannot use "
            + Printable.of(source)
            + " as a revocation list: it "
            + problem
            + ". "
            + remedy);
  }

  private static byte[] decode(String base64, String source) throws TrustException {
    try {
      return Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw refuse(
          source,
          "has a block X509 CRL that is not base64",
          "The file is damaged; fetch a fresh copy of it.");
    }
  }

  private static TrustException tooLarge(String source) {
    return refuse(source, "is larger than 64 MiB, the limit", "Check --crl.");
  }
}
