package dev.countersign.signing.sigstore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import dev.countersign.http.HttpCalls;
import dev.countersign.http.HttpSettings;
import dev.countersign.signing.EphemeralKey;
import dev.countersign.signing.SigningException;
import dev.countersign.trust.CertificateForge;
import dev.countersign.trust.CertificateForge.Issued;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests for certificates, and what may come back. */
@Timeout(120)
final class FulcioClientITCase {

  private static final String TOKEN = TokenForge.expiring(Instant.parse("2026-03-01T12:00:00Z"));
  private static final Issued ROOT = CertificateForge.ca("CN=Root").issue();
  private static final Issued LEAF = CertificateForge.leaf("CN=signer").signedBy(ROOT).issue();

  private final EphemeralKey key = EphemeralKey.generate();
  private final HttpCalls http =
      new HttpCalls(new HttpSettings(Duration.ofSeconds(20)), RekorEntries.MAX_ANSWER_BYTES);

  @AfterEach
  void close() {
    http.close();
  }

  @Test
  void request_holdsTokenAndProofOfPossession() throws Exception {
    byte[] answer = answer("signedCertificateEmbeddedSct", LEAF, ROOT);
    try (LoopbackService fulcio = replying(200, answer)) {

      X509Certificate issued = issue(fulcio.url());

      assertThat(issued).isEqualTo(LEAF.certificate());
      String request = fulcio.requests().get(0);
      assertThat(request).startsWith("POST /api/v2/signingCert {");
      Struct.Builder body = Struct.newBuilder();
      JsonFormat.parser().merge(request.substring(request.indexOf('{')), body);
      assertThat(
              body.getFieldsOrThrow("credentials")
                  .getStructValue()
                  .getFieldsOrThrow("oidcIdentityToken")
                  .getStringValue())
          .isEqualTo(TOKEN);
      assertThat(
              new String(
                  Base64.getDecoder()
                      .decode(body.getFieldsOrThrow("certificateSigningRequest").getStringValue()),
                  UTF_8))
          .startsWith("-----BEGIN CERTIFICATE REQUEST-----\n");
    }
  }

  @Test
  void answer_thatIsCutShort_isRefusedWhereverItEnds() throws Exception {
    byte[] answer = answer("signedCertificateEmbeddedSct", LEAF, ROOT);
    for (int length = 0; length < answer.length - 1; length += 97) {
      try (LoopbackService fulcio = replying(200, Arrays.copyOf(answer, length))) {
        assertThat(catchThrowable(() -> issue(fulcio.url())))
            .isInstanceOf(SigningException.class)
            .hasMessageStartingWith(
                "The certificate authority at "
                    + fulcio.url()
                    + " issued no certificate: its answer");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "{}", "null", "\"text\"", "{\"signedCertificateEmbeddedSct\":{}}"})
  void answer_withoutCertificates_isRefused(String json) throws Exception {
    try (LoopbackService fulcio = replying(200, json.getBytes(UTF_8))) {
      assertThatThrownBy(() -> issue(fulcio.url()))
          .isInstanceOf(SigningException.class)
          .hasMessageContaining("issued no certificate: its answer ");
    }
  }

  @Test
  void certificate_withoutPublication_isRefused() throws Exception {
    try (LoopbackService fulcio = replying(200, answer("signedCertificateDetachedSct", LEAF))) {
      assertThatThrownBy(() -> issue(fulcio.url()))
          .hasMessageContaining(
              "its answer has no certificate that contains proof of its publication (an SCT)");
    }
  }

  @Test
  void token_thatIsRefused_isExplainedAndNotShown() throws Exception {
    try (LoopbackService fulcio =
        replying(
            400,
            "{\"message\":\"There was an error processing the identity token\"}".getBytes(UTF_8))) {
      assertThatThrownBy(() -> issue(fulcio.url()))
          .isInstanceOf(SigningException.class)
          .hasMessage(
              "The certificate authority at "
                  + fulcio.url()
                  + " issued no certificate: it answered with HTTP status 400: {\"message\":\"There"
                  + " was an error processing the identity token\"}. Check that it accepts tokens"
                  + " of https://issuer.example, that the token's audience is what it expects, and"
                  + " that the token has not expired.");
      assertThat(fulcio.requests()).hasSize(1);
    }
  }

  @Test
  void authority_thatIsDead_isNamed() throws Exception {
    URI url;
    try (LoopbackService fulcio = replying(200, new byte[0])) {
      url = fulcio.url();
    }

    assertThatThrownBy(() -> issue(url))
        .isInstanceOf(SigningException.class)
        .hasMessageStartingWith(
            "The certificate authority at "
                + url
                + " issued no certificate: it cannot be reached (ConnectException");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://fulcio.example.org",
        "http://10.0.0.1",
        "http://localhost.example.org",
        "http://127.0.0.1.example.org"
      })
  void token_isNotSentWithoutEncryption(String url) {
    assertThatThrownBy(() -> issue(URI.create(url)))
        .isInstanceOf(SigningException.class)
        .hasMessageStartingWith(
            "The certificate authority at "
                + url
                + " would be sent the identity token without encryption.");
  }

  private X509Certificate issue(URI url) throws SigningException {
    return new FulcioClient(url, http)
        .issue(IdentityToken.parse(TOKEN, "of a test"), key.request());
  }

  private static LoopbackService replying(int status, byte[] body) throws Exception {
    return new LoopbackService(exchange -> LoopbackService.reply(exchange, status, body));
  }

  private static byte[] answer(String kind, Issued... chain) throws Exception {
    StringBuilder pems = new StringBuilder();
    for (Issued each : chain) {
      pems.append(pems.isEmpty() ? "\"" : ",\"")
          .append("-----BEGIN CERTIFICATE-----\\n")
          .append(Base64.getEncoder().encodeToString(each.certificate().getEncoded()))
          .append("\\n-----END CERTIFICATE-----\\n\"");
    }
    return ("{\"" + kind + "\":{\"chain\":{\"certificates\":[" + pems + "]}}}").getBytes(UTF_8);
  }
}
