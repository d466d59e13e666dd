package dev.countersign.storage.abfs;

import dev.countersign.storage.rest.Escaped;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Key of a storage account, with which requests are signed.
 *
 * <p>See "Authorize with Shared Key" in the reference of Azure Storage services.
 */
final class SharedKey {

  private static final String ALGORITHM = "HmacSHA256";

  private final String account;
  private final SecretKeySpec key;

  /**
   * Makes a key.
   *
   * @throws IllegalArgumentException if it is not Base64
   */
  SharedKey(String account, String key) {
    this.account = account;
    this.key = new SecretKeySpec(Base64.getDecoder().decode(key.strip()), ALGORITHM);
  }

  /** Returns the value of the header that authorizes a request. */
  String authorization(String method, URI uri, Map<String, String> headers, long bodyLength) {
    TreeMap<String, String> sorted = new TreeMap<>();
    headers.forEach((name, value) -> sorted.put(name.toLowerCase(Locale.ROOT), value.strip()));
    StringBuilder text = new StringBuilder(method).append('\n');
    text.append(sorted.getOrDefault("content-encoding", "")).append('\n');
    text.append(sorted.getOrDefault("content-language", "")).append('\n');
    text.append(bodyLength == 0 ? "" : String.valueOf(bodyLength)).append('\n');
    for (String name :
        new String[] {
          "content-md5",
          "content-type",
          "date",
          "if-modified-since",
          "if-match",
          "if-none-match",
          "if-unmodified-since",
          "range"
        }) {
      text.append(sorted.getOrDefault(name, "")).append('\n');
    }
    sorted.forEach(
        (name, value) -> {
          if (name.startsWith("x-ms-")) {
            text.append(name).append(':').append(value).append('\n');
          }
        });
    text.append('/').append(account).append(uri.getRawPath());
    parameters(uri)
        .forEach((name, value) -> text.append('\n').append(name).append(':').append(value));
    return "SharedKey " + account + ":" + mac(text.toString());
  }

  private String mac(String text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has " + ALGORITHM, e);
    }
  }

  /** Each name occurs once in our requests. */
  private static Map<String, String> parameters(URI uri) {
    Map<String, String> parameters = new TreeMap<>();
    String query = uri.getRawQuery();
    if (query != null) {
      for (String parameter : query.split("&", -1)) {
        int equals = parameter.indexOf('=');
        parameters.put(
            parameter.substring(0, equals).toLowerCase(Locale.ROOT),
            Escaped.undone(parameter.substring(equals + 1)));
      }
    }
    return parameters;
  }
}
