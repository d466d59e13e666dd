package dev.countersign.oms;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A place as model URIs spell it: an absolute local path without a scheme, or {@code
 * scheme://authority/path}, normalized by its text alone. No file system is asked.
 *
 * @param root what precedes the path: empty, or scheme and authority
 * @param path absolute, without {@code .}, {@code ..}, empty segments or trailing slash; empty for
 *     the root directory
 */
record LexicalUri(String root, String path) {

  private static final Pattern URI =
      Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://([^/]*)(.*)", Pattern.DOTALL);

  /** The local forms with a scheme: one slash, or three with an authority that is empty. */
  private static final Pattern LOCAL = Pattern.compile("file:(?://)?(/.*)", Pattern.DOTALL);

  /** Returns the place that {@code text} names, or empty if it is a relative path. */
  static Optional<LexicalUri> absolute(String text) {
    Matcher local = LOCAL.matcher(text);
    if (local.matches()) {
      return Optional.of(new LexicalUri("", normalized(local.group(1))));
    }
    Matcher uri = URI.matcher(text);
    if (uri.matches()) {
      return Optional.of(
          new LexicalUri(uri.group(1) + "://" + uri.group(2), normalized(uri.group(3))));
    }
    return text.startsWith("/")
        ? Optional.of(new LexicalUri("", normalized(text)))
        : Optional.empty();
  }

  /** Returns the place that the relative {@code path} names from here. */
  LexicalUri resolve(String relative) {
    return new LexicalUri(root, normalized(path + '/' + relative));
  }

  /** Returns the path of {@code other} from here, empty if it is here, or nothing if elsewhere. */
  Optional<String> relativize(LexicalUri other) {
    if (!root.equals(other.root)) {
      return Optional.empty();
    }
    if (path.equals(other.path)) {
      return Optional.of("");
    }
    return other.path.startsWith(path + '/')
        ? Optional.of(other.path.substring(path.length() + 1))
        : Optional.empty();
  }

  /**
   * Returns the relative {@code path} without empty segments, {@code .} and {@code ..}, or null if
   * it leads out of where it starts.
   */
  static @Nullable String normalizedRelative(String path) {
    Deque<String> segments = new ArrayDeque<>();
    return walk(path, segments) ? String.join("/", segments) : null;
  }

  /** Returns the absolute {@code path}; as on any file system, the root is its own parent. */
  private static String normalized(String path) {
    Deque<String> segments = new ArrayDeque<>();
    boolean unused = walk(path, segments);
    StringBuilder normalized = new StringBuilder(path.length());
    segments.forEach(segment -> normalized.append('/').append(segment));
    return normalized.toString();
  }

  /** Adds the segments of {@code path} and returns whether all of it stays below the start. */
  private static boolean walk(String path, Deque<String> segments) {
    boolean below = true;
    for (String segment : path.split("/", -1)) {
      if (segment.equals("..")) {
        below &= segments.pollLast() != null;
      } else if (!segment.isEmpty() && !segment.equals(".")) {
        segments.addLast(segment);
      }
    }
    return below;
  }
}
