package dev.countersign.text;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A URI in its parts, normalised: {@code .}, {@code ..}, empty segments and trailing slashes are
 * resolved by their spelling alone. No file system is asked.
 *
 * <p>Nothing is percent-encoded: {@code %20} is three characters of a name.
 *
 * @param scheme in lower case; empty for a local file
 * @param authority host, port, bucket, as it was written; empty for a local file, or for a scheme's
 *     default
 * @param path begins with {@code /}, and ends with one only if it is the root
 */
public record StoreUri(String scheme, String authority, String path) {

  /**
   * Two letters at least, so that a drive letter is no scheme; one slash is enough, as in Hadoop.
   */
  private static final Pattern WITH_SCHEME =
      Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):/(?:/([^/]*))?(.*)", Pattern.DOTALL);

  private static final Pattern HOST_AND_PORT =
      Pattern.compile("(.*?)(?::0*+([0-9]*+))?", Pattern.DOTALL);

  /** Ports that a URI without one means, of schemes whose authority is a host. */
  private static final Map<String, Integer> DEFAULT_PORTS =
      Map.of("hdfs", 8020, "webhdfs", 9870, "swebhdfs", 9871);

  /** Normalises the path. */
  public StoreUri {
    Deque<String> segments = new ArrayDeque<>();
    boolean unused = walk(path, segments);
    path = "/" + String.join("/", segments);
  }

  /** Schemes that stand for the same stores, that of {@link #canonical} first. */
  private static final List<List<String>> SAME_STORES =
      List.of(List.of("s3a", "s3"), List.of("abfss", "abfs"));

  /** The two endpoints of one storage account, that of {@link #canonical} first. */
  private static final List<String> ENDPOINTS = List.of(".dfs.", ".blob.");

  private static final Pattern ENDPOINT = Pattern.compile("\\.(dfs|blob)\\.");

  /** Tells whether a text says where it belongs without a working directory. */
  public static boolean isAbsolute(String text) {
    return text.startsWith("/") || WITH_SCHEME.matcher(text).matches();
  }

  /** Tells whether a text is a URI with a scheme, {@code file:} among them, and no path. */
  public static boolean hasScheme(String text) {
    return WITH_SCHEME.matcher(text).matches();
  }

  /**
   * Parses an absolute local path or a URI. {@code file:} URIs of this host become local paths.
   *
   * @throws IllegalArgumentException if it is relative
   */
  public static StoreUri parse(String text) {
    if (text.startsWith("/")) {
      return new StoreUri("", "", text);
    }
    Matcher matcher = WITH_SCHEME.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("Relative: " + Printable.of(text));
    }
    String scheme = matcher.group(1).toLowerCase(Locale.ROOT);
    String authority = matcher.group(2) == null ? "" : matcher.group(2);
    boolean local =
        scheme.equals("file") && (authority.isEmpty() || authority.equalsIgnoreCase("localhost"));
    return new StoreUri(local ? "" : scheme, local ? "" : authority, "/" + matcher.group(3));
  }

  /**
   * Returns the path of an absolute text as it is written, without the slash that it begins with.
   *
   * @throws IllegalArgumentException if it is relative
   */
  public static String writtenPath(String text) {
    Matcher matcher = WITH_SCHEME.matcher(text);
    if (!text.startsWith("/") && !matcher.matches()) {
      throw new IllegalArgumentException("Relative: " + Printable.of(text));
    }
    String path = text.startsWith("/") ? text : matcher.group(3);
    return path.startsWith("/") ? path.substring(1) : path;
  }

  /**
   * Returns a relative path without empty segments, {@code .} and {@code ..}; null if it leads out
   * of where it starts.
   */
  public static @Nullable String normalizedRelative(String path) {
    Deque<String> segments = new ArrayDeque<>();
    return walk(path, segments) ? String.join("/", segments) : null;
  }

  /** Tells whether it is a local file. */
  public boolean isLocal() {
    return scheme.isEmpty();
  }

  /** Returns the store that it is in, as {@link #canonical} spells it; empty for a local file. */
  public String store() {
    return isLocal() ? "" : canonical().withPath("/").toString();
  }

  /** Returns the one spelling of all URIs of the same place: a host has its port. */
  public StoreUri canonical() {
    StoreUri first = spellings().get(0);
    String plain = first.authority();
    boolean hasPort = plain.lastIndexOf(':') > plain.lastIndexOf(']');
    Integer port = plain.isEmpty() || hasPort ? null : DEFAULT_PORTS.get(scheme);
    return port == null ? first : new StoreUri(first.scheme(), plain + ":" + port, path);
  }

  /**
   * Returns the URIs of the same place under all names of its store, such as {@code s3a} and {@code
   * s3}, in one order however this one is spelled. Authorities are {@linkplain #plainAuthority
   * plain}.
   */
  public List<StoreUri> spellings() {
    String plain = plainAuthority();
    List<String> schemes =
        SAME_STORES.stream()
            .filter(same -> same.contains(scheme))
            .findFirst()
            .orElse(List.of(scheme));
    List<String> authorities =
        schemes.contains("abfs") && ENDPOINTS.stream().anyMatch(plain::contains)
            ? ENDPOINTS.stream()
                .map(name -> ENDPOINT.matcher(plain).replaceFirst(Matcher.quoteReplacement(name)))
                .toList()
            : List.of(plain);
    return schemes.stream()
        .flatMap(name -> authorities.stream().map(host -> new StoreUri(name, host, path)))
        .toList();
  }

  /** Returns the authority in lower case, and without leading zeros of its port. */
  public String plainAuthority() {
    Matcher parts = HOST_AND_PORT.matcher(authority.toLowerCase(Locale.ROOT));
    if (!parts.matches()) {
      throw new IllegalStateException("No authority: " + Printable.of(authority));
    }
    String port = parts.group(2);
    return port == null || port.isEmpty() ? parts.group(1) : parts.group(1) + ":" + port;
  }

  /** Returns the same store's URI with another path. */
  public StoreUri withPath(String otherPath) {
    return new StoreUri(scheme, authority, otherPath);
  }

  /** Returns the URI that a relative path names from here. */
  public StoreUri resolve(String relative) {
    return withPath(path + "/" + relative);
  }

  /**
   * Returns the path of another URI from here, which is empty if it is this one.
   *
   * @return nothing if it is in another store, or not below this one
   */
  public Optional<String> relativize(StoreUri other) {
    String folder = path.equals("/") ? path : path + "/";
    return other.store().equals(store()) && (other.path + "/").startsWith(folder)
        ? Optional.of(other.path.substring(Math.min(folder.length(), other.path.length())))
        : Optional.empty();
  }

  /**
   * Returns it as text: an absolute path, or {@code scheme://authority/path}; no trailing slash.
   */
  @Override
  public String toString() {
    if (isLocal()) {
      return path;
    }
    return scheme + "://" + authority + (path.equals("/") ? "" : path);
  }

  /** Adds the segments of a path and returns whether all of it stays below its start. */
  private static boolean walk(String path, Deque<String> segments) {
    boolean below = true;
    for (String segment : path.split("/", -1)) {
      switch (segment) {
        case "", "." -> {}
        case ".." -> below &= segments.pollLast() != null;
        default -> segments.addLast(segment);
      }
    }
    return below;
  }
}
