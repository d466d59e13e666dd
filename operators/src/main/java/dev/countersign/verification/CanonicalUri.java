package dev.countersign.verification;

import dev.countersign.text.Printable;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The one spelling of a model's URI that the patterns of a policy see: an absolute local path
 * without a scheme, or {@code scheme://host/path}. Scheme and host are in lower case, the host
 * without a dot at its end, the port without leading zeros; the path has no {@code .}, {@code ..},
 * empty segment or trailing slash, and nothing in it is percent-encoded.
 *
 * <p>{@code storage.Storages.absolute} makes nearly that of what a user wrote. What it leaves open
 * is settled here, and what cannot be is refused, so that no spelling of a model's name reaches a
 * rule that another spelling does not.
 */
final class CanonicalUri {

  private static final Pattern WITH_SCHEME =
      Pattern.compile("([a-z][a-z0-9+.-]+)://([^/]*)(/.*)?", Pattern.DOTALL);

  private static final Pattern HOST_AND_PORT = Pattern.compile("(.*?)\\.?(?::0*([0-9]*))?");

  /** Before the @ of these stands a container; of others, a user, whom stores pass over. */
  private static final Set<String> CONTAINERS = Set.of("abfs", "abfss", "wasb", "wasbs");

  private CanonicalUri() {}

  /**
   * Returns the spelling that patterns see.
   *
   * @param modelUri as {@code catalog.CatalogEntry} has it
   * @throws VerificationException {@link VerificationException.Kind#NO_POLICY_RULE} if it is
   *     spelled in a way that no rule can be for
   */
  static String of(String modelUri) throws VerificationException {
    if (modelUri.startsWith("/")) {
      demandPlain(modelUri, modelUri);
      return modelUri;
    }
    Matcher uri = WITH_SCHEME.matcher(modelUri);
    if (!uri.matches()) {
      throw refused(modelUri, "is neither an absolute path nor a URI");
    }
    String scheme = uri.group(1);
    String path = uri.group(3) == null ? "" : uri.group(3);
    demandPlain(path, modelUri);
    return scheme + "://" + authority(scheme, uri.group(2), modelUri) + path;
  }

  private static String authority(String scheme, String authority, String modelUri)
      throws VerificationException {
    if (authority.indexOf('%') >= 0
        || (authority.indexOf('@') >= 0 && !CONTAINERS.contains(scheme))) {
      throw refused(modelUri, "names a user, or an encoded character, before its path");
    }
    Matcher parts = HOST_AND_PORT.matcher(authority.toLowerCase(Locale.ROOT));
    if (!parts.matches()) {
      throw refused(modelUri, "has a host with a line break in it");
    }
    String port = parts.group(2);
    return parts.group(1) + (port == null || port.isEmpty() ? "" : ":" + port);
  }

  private static void demandPlain(String path, String modelUri) throws VerificationException {
    if (path.isEmpty() || path.equals("/")) {
      return;
    }
    for (String segment : path.substring(1).split("/", -1)) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        throw refused(modelUri, "has a part that is empty, '.' or '..'");
      }
    }
  }

  private static VerificationException refused(String modelUri, String why) {
    return new VerificationException(
        VerificationException.Kind.NO_POLICY_RULE,
        String.format(
            Locale.ROOT,
            "No rule of the policy can be for %s: it %s. Name the model by its plain path, or as"
                + " scheme://host/path.",
            Printable.of(modelUri),
            why));
  }
}
