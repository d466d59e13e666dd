package dev.countersign.verification;

import dev.countersign.text.Printable;
import dev.countersign.text.StoreUri;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The one spelling of a model's URI that the patterns of a policy see: an absolute local path
 * without a scheme, or {@code scheme://host/path}. Scheme and host are in lower case, the host
 * without a dot at its end, the port without leading zeros; a store with several schemes has one;
 * the path has no {@code .}, {@code ..}, empty segment or trailing slash, and nothing in it is
 * percent-encoded.
 *
 * <p>{@code storage.Storages.absolute} makes nearly that of what a user wrote. What it leaves open
 * is settled here, and what cannot be is refused, so that no spelling of a model's name reaches a
 * rule that another spelling does not.
 */
final class CanonicalUri {

  /** Before the @ of these stands a container; of others, a user, whom stores pass over. */
  private static final Set<String> CONTAINERS = Set.of("abfs", "abfss", "wasb", "wasbs");

  private static final Pattern HOSTS_LAST_DOT = Pattern.compile("\\.(:[0-9]+)?\\z");

  private CanonicalUri() {}

  /**
   * Returns the spellings that patterns see, the one to show first: they are several of a store
   * with several names, the same ones however the model is named.
   *
   * @param modelUri as {@code catalog.CatalogEntry} has it
   * @throws VerificationException {@link VerificationException.Kind#NO_POLICY_RULE} if it is
   *     spelled in a way that no rule can be for
   */
  static List<String> of(String modelUri) throws VerificationException {
    if (!StoreUri.isAbsolute(modelUri)) {
      throw refused(modelUri, "is neither an absolute path nor a URI");
    }
    StoreUri uri = StoreUri.parse(modelUri);
    if (!uri.toString().equals(modelUri)) {
      throw refused(modelUri, "is not in its normal form");
    }
    String authority = uri.authority();
    if (authority.indexOf('%') >= 0
        || (authority.indexOf('@') >= 0 && !CONTAINERS.contains(uri.scheme()))) {
      throw refused(modelUri, "names a user, or an encoded character, before its path");
    }
    if (!Printable.whole(authority).equals(authority)) {
      throw refused(modelUri, "has a host with a control character in it");
    }
    String plain = HOSTS_LAST_DOT.matcher(uri.plainAuthority()).replaceFirst("$1");
    return new StoreUri(uri.scheme(), plain, uri.path())
        .spellings().stream().map(StoreUri::toString).toList();
  }

  private static VerificationException refused(String modelUri, String why) {
    return new VerificationException(
        VerificationException.Kind.NO_POLICY_RULE,
        "No policy rule can match %s: it %s. Name the model by its plain path, or as"
            + " scheme://host/path.",
        Printable.of(modelUri),
        why);
  }
}
