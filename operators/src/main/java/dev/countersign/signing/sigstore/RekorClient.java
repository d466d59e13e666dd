package dev.countersign.signing.sigstore;

import dev.countersign.http.HttpAnswer;
import dev.countersign.http.HttpCalls;
import dev.countersign.http.ServiceAddress;
import dev.countersign.http.ServiceException;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.LogEntry;
import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.signing.SigningException;
import dev.countersign.text.Printable;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Adds signatures to a transparency log. Thread safe; as many calls at once as there are callers.
 */
final class RekorClient {

  private static final int CONFLICT = 409;

  private final URI base;
  private final RekorEntries entries;
  private final HttpCalls http;

  /** A client of the log at a URL. */
  RekorClient(URI base, RekorEntries entries, HttpCalls http) {
    this.base = base;
    this.entries = entries;
    this.http = http;
  }

  /**
   * Adds a signature to the log, and returns its entry, which is still to be verified.
   *
   * @param envelope the envelope with the signature
   * @param certificate of the signer
   * @param isUsable tells whether the certificate can be used; the log may have to be waited for
   * @return empty if the certificate could not be used any more when the log's turn came
   * @throws SigningException if the log does not take it in time
   */
  Optional<LogEntry> add(Envelope envelope, X509Certificate certificate, BooleanSupplier isUsable)
      throws SigningException {
    URI url = ServiceAddress.below(base, entries.path());
    Optional<HttpAnswer> added =
        call(
            HttpRequest.newBuilder(url)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(entries.proposal(envelope, certificate))),
            isUsable);
    if (added.isEmpty()) {
      return Optional.empty();
    }
    HttpAnswer answer = added.get();
    if (answer.status() == CONFLICT && answer.location().isPresent()) {
      // An earlier attempt, whose answer was lost, has added it.
      answer =
          call(HttpRequest.newBuilder(existing(answer.location().get())).GET(), () -> true)
              .orElseThrow();
    }
    if (!answer.isSuccess()) {
      throw failed(
          answer.refusal(),
          answer.status() == 400 || answer.status() == 413
              ? entries.remedyOfRefusal()
              : Remedy.text("Check the addresses in the signing config."),
          null);
    }
    try {
      return Optional.of(entries.read(answer.body()));
    } catch (RekorEntries.MalformedAnswerException e) {
      throw failed(
          "its answer is not an entry of the log ("
              + Printable.of(String.valueOf(e.getMessage()))
              + ")",
          Remedy.text("Check the addresses in the signing config, or try again."),
          e);
    }
  }

  /** The place of an entry, which is on the same server, or the log is not asked. */
  private URI existing(String location) throws SigningException {
    try {
      URI place = base.resolve(new URI(location));
      if (String.valueOf(place.getRawAuthority()).equals(base.getRawAuthority())
          && String.valueOf(place.getScheme()).equals(base.getScheme())) {
        return place;
      }
    } catch (URISyntaxException e) {
      // Refused below.
    }
    throw failed(
        "it has the entry already, and does not say where",
        Remedy.text("Check the addresses in the signing config."),
        null);
  }

  private Optional<HttpAnswer> call(HttpRequest.Builder request, BooleanSupplier isUsable)
      throws SigningException {
    try {
      return http.call(request.header("Accept", "application/json").build(), isUsable);
    } catch (ServiceException e) {
      throw failed(
          e.problem(),
          Remedy.of(
              "Try again later, or ask for less at a time with %s and %s.",
              Setting.SIGNING_CONCURRENCY, Setting.SIGNING_RATE),
          e,
          // Otherwise, all models would fail one by one until then.
          e.isPostponed());
    }
  }

  private SigningException failed(String problem, Remedy remedy, @Nullable Throwable cause) {
    return failed(problem, remedy, cause, false);
  }

  private SigningException failed(
      String problem, Remedy remedy, @Nullable Throwable cause, boolean endsRun) {
    return new SigningException(
        "The transparency log at "
            + ServiceAddress.shown(base)
            + " did not record the signature: "
            + problem
            + ".",
        remedy,
        cause,
        endsRun);
  }
}
