package dev.countersign.storage.s3;

import org.jspecify.annotations.Nullable;

/**
 * Identity of a version of an object.
 *
 * @param tag its entity tag, without quotation marks
 * @param id its version in a versioned bucket; empty if its tag alone identifies it
 */
record S3Version(String tag, String id) {

  private static final String BY_TAG = "etag-";
  private static final String BY_ID = "ver-";

  /** The version of what was stored in a bucket before it was versioned; it can be overwritten. */
  private static final String NO_ID = "null";

  /** Returns the version that an answer tells. */
  static S3Version of(@Nullable String quoted, @Nullable String id) {
    return new S3Version(unquoted(quoted), id == null || id.equals(NO_ID) ? "" : id);
  }

  /** Returns the version of which {@link #text} is the text. */
  static S3Version parse(String text) {
    int end = text.lastIndexOf('-');
    int slash = text.lastIndexOf('/');
    return text.startsWith(BY_ID)
        ? new S3Version(text.substring(slash + 1, end), text.substring(BY_ID.length(), slash))
        : new S3Version(text.substring(BY_TAG.length(), end), "");
  }

  /** Returns text for plans and records, with the object's length. */
  String text(long length) {
    return id.isEmpty() ? BY_TAG + tag + "-" + length : BY_ID + id + "/" + tag + "-" + length;
  }

  /** Returns the tag as requests and answers have it. */
  String quotedTag() {
    return '"' + tag + '"';
  }

  /** Some stores leave the quotation marks out, in some of their answers. */
  private static String unquoted(@Nullable String tag) {
    if (tag == null) {
      return "";
    }
    boolean isQuoted = tag.length() > 1 && tag.startsWith("\"") && tag.endsWith("\"");
    return isQuoted ? tag.substring(1, tag.length() - 1) : tag;
  }
}
