package dev.countersign.signing.sigstore;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.countersign.http.HttpAnswer;
import dev.countersign.http.HttpCalls;
import dev.countersign.http.ServiceAddress;
import dev.countersign.http.ServiceException;
import dev.countersign.keys.CertificateFile;
import dev.countersign.remedy.Remedy;
import dev.countersign.signing.SigningException;
import dev.countersign.text.Printable;
import dev.sigstore.fulcio.v2.CreateSigningCertificateRequest;
import dev.sigstore.fulcio.v2.Credentials;
import dev.sigstore.fulcio.v2.SigningCertificate;
import dev.sigstore.json.ProtoJson;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks a Fulcio for certificates, over version 2 of its HTTP interface. Thread safe. */
final class FulcioClient {

  private static final String PATH = "/api/v2/signingCert";

  private final URI base;
  private final HttpCalls http;

  /**
   * A client of the Fulcio at a URL.
   *
   * @throws SigningException if a token sent there could be read on the way
   */
  FulcioClient(URI base, HttpCalls http) throws SigningException {
    this.base = base;
    this.http = http;
    if (!ServiceAddress.isPrivate(base)) {
      throw new SigningException(
          "The certificate authority at "
              + ServiceAddress.shown(base)
              + " would be sent the identity token without encryption.",
          Remedy.text("Use an instance whose signing config names https addresses."),
          null);
    }
  }

  /**
   * Returns a new certificate, which is still to be verified.
   *
   * @param token says who signs
   * @param request certificate request (PKCS#10) in DER
   * @throws SigningException if none is issued
   */
  X509Certificate issue(IdentityToken token, byte[] request) throws SigningException {
    String pem = CertificateFile.requestPem(request);
    HttpAnswer answer;
    try {
      String body =
          JsonFormat.printer()
              .print(
                  CreateSigningCertificateRequest.newBuilder()
                      .setCredentials(Credentials.newBuilder().setOidcIdentityToken(token.secret()))
                      .setCertificateSigningRequest(ByteString.copyFromUtf8(pem)));
      answer =
          http.call(
              HttpRequest.newBuilder(ServiceAddress.below(base, PATH))
                  .header("Content-Type", "application/json")
                  .header("Accept", "application/json")
                  .POST(BodyPublishers.ofString(body))
                  .build());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a certificate request cannot be written", e);
    } catch (ServiceException e) {
      throw failed(
          e.problem(),
          Remedy.text("Check the addresses in the signing config, or try again later."),
          e);
    }
    if (!answer.isSuccess()) {
      throw failed(
          answer.refusal(),
          Remedy.text(
              "Check that it accepts tokens of "
                  + token.shownIssuer()
                  + ", that the token's audience is what it expects, and that the token has not"
                  + " expired."),
          null);
    }
    return read(answer.body());
  }

  private X509Certificate read(byte[] body) throws SigningException {
    SigningCertificate.Builder parsed = SigningCertificate.newBuilder();
    try {
      ProtoJson.parser().merge(new String(body, StandardCharsets.UTF_8), parsed);
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      throw unreadable("is not JSON that it can be", e);
    }
    if (!parsed.hasSignedCertificateEmbeddedSct()) {
      throw unreadable("has no certificate that contains proof of its publication (an SCT)", null);
    }
    // Those above it are in the trusted root.
    List<String> pems = parsed.getSignedCertificateEmbeddedSct().getChain().getCertificatesList();
    if (pems.isEmpty()) {
      throw unreadable("has no certificates", null);
    }
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(
                  new ByteArrayInputStream(pems.get(0).getBytes(StandardCharsets.UTF_8)));
    } catch (CertificateException | RuntimeException e) {
      throw unreadable("has a certificate that cannot be read", e);
    }
  }

  private SigningException unreadable(String problem, @Nullable Throwable e) {
    return failed(
        "its answer "
            + problem
            + (e == null ? "" : " (" + Printable.of(String.valueOf(e.getMessage())) + ")"),
        Remedy.text("Check the addresses in the signing config."),
        e);
  }

  private SigningException failed(String problem, Remedy remedy, @Nullable Throwable cause) {
    return new SigningException(
        "The certificate authority at "
            + ServiceAddress.shown(base)
            + " issued no certificate: "
            + problem
            + ".",
        remedy,
        cause);
  }
}
