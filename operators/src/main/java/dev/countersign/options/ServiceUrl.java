package dev.countersign.options;

import dev.countersign.oms.Printable;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/** Reads the address of a service that is spoken to over HTTP. */
final class ServiceUrl {

  private ServiceUrl() {}

  /**
   * Returns the address.
   *
   * @throws UsageException if it is no http or https URL with a host, or would put a password on
   *     the command line
   */
  static URI of(DeclaredOption<?> option, String text) {
    URI url;
    try {
      url = new URI(text);
    } catch (URISyntaxException e) {
      throw refused(option, text);
    }
    if (url.getRawUserInfo() != null) {
      throw new UsageException(
          String.format(
              Locale.ROOT,
              "%s holds a user name or password, which others see on the command line. Give it"
                  + " without.",
              option.flag()));
    }
    String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
    boolean known = scheme.equals("http") || scheme.equals("https");
    if (!known || url.getHost() == null) {
      throw refused(option, text);
    }
    return url;
  }

  private static UsageException refused(DeclaredOption<?> option, String text) {
    return new UsageException(
        String.format(
            Locale.ROOT,
            "%s is '%s', but must be the address of a service, as in https://tsa.example.org/tsr.",
            option.flag(),
            Printable.of(text)));
  }
}
