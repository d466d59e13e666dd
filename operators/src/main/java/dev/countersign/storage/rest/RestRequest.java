package dev.countersign.storage.rest;

import dev.countersign.storage.RequestCounts;
import dev.countersign.storage.objects.ObjectContent;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/**
 * One request.
 *
 * @param kind what it counts as
 * @param uri with everything escaped; may hold a credential, so it is never shown
 * @param headers by name; the length of the body is not among them
 * @param body empty if there is none
 */
public record RestRequest(
    RequestCounts.Kind kind,
    String method,
    URI uri,
    Map<String, String> headers,
    Optional<ObjectContent> body) {

  /** Makes a request without a body. */
  public static RestRequest of(
      RequestCounts.Kind kind, String method, URI uri, Map<String, String> headers) {
    return new RestRequest(kind, method, uri, headers, Optional.empty());
  }
}
