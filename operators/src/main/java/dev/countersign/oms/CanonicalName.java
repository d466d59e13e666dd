package dev.countersign.oms;

import dev.countersign.text.Printable;
import dev.countersign.text.StrictUtf8;
import org.jspecify.annotations.Nullable;

/**
 * The rule for names of files in a model: relative, {@code /} between segments, no segment that is
 * empty, {@code .} or {@code ..}, no NUL, valid Unicode.
 *
 * <p>Such a name means the same place everywhere, and that place is below the model's root. Other
 * characters are the file system's business: {@code a:b}, {@code \}, line feeds and either Unicode
 * normal form are names like any other.
 */
public final class CanonicalName {

  /** Greatest length of a name unless the caller says otherwise, in bytes of UTF-8. */
  static final int DEFAULT_MAX_BYTES = 4096;

  private CanonicalName() {}

  /**
   * Checks {@code name}, which may have up to 4,096 bytes of UTF-8.
   *
   * @throws OmsException of kind {@code NAME} if it is not canonical, saying why
   */
  public static void check(String name) throws OmsException {
    check(name, DEFAULT_MAX_BYTES);
  }

  /**
   * Checks {@code name}, which may have up to {@code maxBytes} bytes of UTF-8.
   *
   * @throws OmsException of kind {@code NAME} if it is not canonical, saying why
   */
  public static void check(String name, int maxBytes) throws OmsException {
    String fault = fault(name, maxBytes);
    if (fault != null) {
      throw new OmsException(
          OmsException.Kind.NAME,
          "The name \"%s\" %s. The name of a file in a model is its path from the model's root,"
              + " with \"/\" between the segments.",
          Printable.of(name),
          fault);
    }
  }

  /** Returns whether {@code name} passes {@link #check(String)}. */
  public static boolean isCanonical(String name) {
    return fault(name, DEFAULT_MAX_BYTES) == null;
  }

  private static @Nullable String fault(String name, int maxBytes) {
    if (name.isEmpty()) {
      return "is empty";
    }
    long length = StrictUtf8.length(name);
    if (length < 0) {
      return "holds half of a surrogate pair, so it is not Unicode";
    }
    if (length > maxBytes) {
      return "has " + length + " bytes, more than " + maxBytes;
    }
    if (name.indexOf('\0') >= 0) {
      return "holds a NUL character";
    }
    if (name.charAt(0) == '/') {
      return "is absolute";
    }
    for (int start = 0; start <= name.length(); ) {
      int slash = name.indexOf('/', start);
      int end = slash < 0 ? name.length() : slash;
      if (end == start) {
        return "has an empty segment";
      }
      if (isDots(name, start, end)) {
        return "has the segment \"" + name.substring(start, end) + "\"";
      }
      start = end + 1;
    }
    return null;
  }

  /** Returns whether the segment is {@code .} or {@code ..}. */
  private static boolean isDots(String name, int start, int end) {
    return name.charAt(start) == '.'
        && (end - start == 1 || (end - start == 2 && name.charAt(start + 1) == '.'));
  }
}
