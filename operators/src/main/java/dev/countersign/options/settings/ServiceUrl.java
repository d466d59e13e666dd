package dev.countersign.options.settings;

import dev.countersign.options.DeclaredOption;
import dev.countersign.options.UsageException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads the address of a service that is spoken to over HTTP. What was given is never repeated in a
 * message, since it may hold a secret; nor is a place for one accepted, since options are recorded.
 */
final class ServiceUrl {

  private ServiceUrl() {}

  /**
   * Returns the address.
   *
   * @throws UsageException if it is no http or https URL with a host, or has a user, a query or a
   *     fragment
   */
  static URI of(DeclaredOption<?> option, String text) {
    URI url;
    try {
      url = new URI(text);
    } catch (URISyntaxException e) {
      throw noAddress(option);
    }
    String authority = Optional.ofNullable(url.getRawAuthority()).orElse("");
    if (authority.contains("@") || url.getRawQuery() != null || url.getRawFragment() != null) {
      throw new UsageException(
          String.format(
              Locale.ROOT,
              "%s holds a user, a query or a fragment, in which a secret may be that others see on"
                  + " the command line and in records. Give the address without.",
              option.flag()));
    }
    String scheme = Optional.ofNullable(url.getScheme()).orElse("").toLowerCase(Locale.ROOT);
    boolean known = scheme.equals("http") || scheme.equals("https");
    if (!known || url.getHost() == null) {
      throw noAddress(option);
    }
    return url;
  }

  private static UsageException noAddress(DeclaredOption<?> option) {
    return new UsageException(
        String.format(
            Locale.ROOT,
            "%s must be the address of a service, as in https://tsa.example.org/tsr, and is none.",
            option.flag()));
  }
}
