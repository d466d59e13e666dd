package dev.countersign.signing.sigstore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import dev.countersign.http.HttpCalls;
import dev.countersign.http.HttpSettings;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.LogEntry;
import dev.countersign.oms.Sha256;
import dev.countersign.signing.SigningException;
import dev.countersign.trust.CertificateForge;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Additions to transparency logs, and what may come back. */
@Timeout(180)
final class RekorClientITCase {

  private static final X509Certificate CERTIFICATE =
      CertificateForge.leaf("CN=signer").issue().certificate();
  private static final Envelope ENVELOPE =
      new Envelope(
          Envelope.PAYLOAD_TYPE,
          "{\"name\":\"\u043c\u043e\u0434\u0435\u043b\u044c\"}".getBytes(UTF_8),
          new byte[] {1, 2, 3},
          "");
  private static final String V1_ENTRY =
      "{\"1be0\":{\"body\":\"Ym9keQ==\",\"integratedTime\":1746234602,\"logID\":\"c0ffee\",\"logIndex\":206342049,\"verification\":{\"inclusionProof\":{\"checkpoint\":\"note\\n"
          + "\",\"hashes\":[\"aa\",\"bb\"],\"logIndex\":7,\"rootHash\":\"cc\",\"treeSize\":9},"
          + "\"signedEntryTimestamp\":\"c2V0\"}}}";
  private static final String V2_ENTRY =
      "{\"logIndex\":\"0\",\"logId\":{\"keyId\":\"wP/u\"},\"kindVersion\":{\"kind\":\"hashedrekord\",\"version\":\"0.0.2\"},\"inclusionProof\":{\"logIndex\":\"0\",\"rootHash\":\"zA==\",\"treeSize\":\"1\",\"hashes\":[],\"checkpoint\":{\"envelope\":\"note\\n"
          + "\"}},\"canonicalizedBody\":\"Ym9keQ==\",\"aFieldOfALaterVersion\":1}";

  private final HttpCalls http =
      new HttpCalls(new HttpSettings(Duration.ofSeconds(20)), RekorEntries.MAX_ANSWER_BYTES);

  @AfterEach
  void close() {
    http.close();
  }

  @Test
  void entryOfVersion1_isProposedWithTheWholeEnvelope() throws Exception {
    try (LoopbackService rekor = replying(201, V1_ENTRY)) {

      LogEntry entry = add(rekor, new RekorV1Entries());

      assertThat(entry.logIndex()).isEqualTo(206342049);
      assertThat(entry.logId()).asHexString().isEqualTo("C0FFEE");
      assertThat(entry.kind() + " " + entry.version()).isEqualTo("dsse 0.0.1");
      assertThat(entry.integratedTime()).isEqualTo(1746234602);
      assertThat(entry.signedEntryTimestamp()).asString(UTF_8).isEqualTo("set");
      assertThat(entry.canonicalizedBody()).asString(UTF_8).isEqualTo("body");
      LogEntry.InclusionProof proof = entry.inclusionProof().orElseThrow();
      assertThat(proof.logIndex()).isEqualTo(7);
      assertThat(proof.treeSize()).isEqualTo(9);
      assertThat(proof.hashes()).hasSize(2);
      assertThat(proof.checkpoint()).isEqualTo("note\n");
      String request = rekor.requests().get(0);
      assertThat(request).startsWith("POST /api/v1/log/entries {");
      Struct proposed =
          body(request)
              .getFieldsOrThrow("spec")
              .getStructValue()
              .getFieldsOrThrow("proposedContent")
              .getStructValue();
      assertThat(proposed.getFieldsOrThrow("envelope").getStringValue())
          .isEqualTo(
              "{\"payload\":\""
                  + Base64.getEncoder().encodeToString(ENVELOPE.payload())
                  + "\",\"payloadType\":\"application/vnd.in-toto+json\",\"signatures\":[{\"sig\":"
                  + "\"AQID\"}]}");
    }
  }

  @Test
  void entryOfVersion2_isProposedWithTheDigestOfTheBytesThatAreSigned() throws Exception {
    try (LoopbackService rekor = replying(201, V2_ENTRY)) {

      LogEntry entry = add(rekor, new RekorV2Entries());

      assertThat(entry.logIndex()).isZero();
      assertThat(entry.kind() + " " + entry.version()).isEqualTo("hashedrekord 0.0.2");
      assertThat(entry.inclusionProof().orElseThrow().treeSize()).isEqualTo(1);
      String request = rekor.requests().get(0);
      assertThat(request).startsWith("POST /api/v2/log/entries {");
      assertThat(
              body(request)
                  .getFieldsOrThrow("hashedRekordRequestV002")
                  .getStructValue()
                  .getFieldsOrThrow("digest")
                  .getStringValue())
          .isEqualTo(Base64.getEncoder().encodeToString(Sha256.digest(ENVELOPE.pae())));
    }
  }

  @Test
  void answer_thatIsCutShort_isRefusedWhereverItEnds() throws Exception {
    for (RekorEntries version : List.of(new RekorV1Entries(), new RekorV2Entries())) {
      byte[] whole = (version instanceof RekorV1Entries ? V1_ENTRY : V2_ENTRY).getBytes(UTF_8);
      for (int length = 0; length < whole.length; length++) {
        byte[] cut = Arrays.copyOf(whole, length);
        assertThat(catchThrowable(() -> version.read(cut)))
            .isInstanceOf(RekorEntries.MalformedAnswerException.class);
      }
    }
  }

  @Test
  void answer_thatIsNoEntry_isRefused() throws Exception {
    try (LoopbackService rekor = replying(201, "{}")) {
      assertThatThrownBy(() -> add(rekor, new RekorV1Entries()))
          .isInstanceOf(SigningException.class)
          .hasMessage(
              "The transparency log at "
                  + rekor.url()
                  + " did not record the signature: its answer is not an entry of the log (0"
                  + " entries, not one). Check the addresses in the signing config, or try again.");
    }
  }

  @Test
  void log_thatWantsNoRequestsForLong_endsTheRun() throws Exception {
    try (LoopbackService rekor =
        new LoopbackService(
            exchange -> {
              exchange.getResponseHeaders().set("Retry-After", "3600");
              LoopbackService.reply(exchange, 429, new byte[0]);
            })) {
      assertThatThrownBy(() -> add(rekor, new RekorV2Entries()))
          .isInstanceOfSatisfying(SigningException.class, e -> assertThat(e.endsRun()).isTrue())
          .hasMessageContaining("it wants no requests for the next 3");
      assertThat(rekor.requests()).hasSize(1);
    }
  }

  @Test
  void entry_thatTheLogHasAlready_isFetched() throws Exception {
    try (LoopbackService rekor =
        new LoopbackService(
            exchange -> {
              boolean fetches = exchange.getRequestMethod().equals("GET");
              exchange.getResponseHeaders().set("Location", "/api/v1/log/entries/1be0");
              LoopbackService.reply(
                  exchange, fetches ? 200 : 409, (fetches ? V1_ENTRY : "{}").getBytes(UTF_8));
            })) {

      assertThat(add(rekor, new RekorV1Entries()).logIndex()).isEqualTo(206342049);
      assertThat(rekor.requests().get(1)).startsWith("GET /api/v1/log/entries/1be0 ");
    }
  }

  @Test
  void entry_thatIsSaidToBeElsewhere_isNotFetched() throws Exception {
    try (LoopbackService rekor =
        new LoopbackService(
            exchange -> {
              exchange.getResponseHeaders().set("Location", "http://169.254.169.254/latest");
              LoopbackService.reply(exchange, 409, new byte[0]);
            })) {
      assertThatThrownBy(() -> add(rekor, new RekorV1Entries()))
          .hasMessageContaining("it has the entry already, and does not say where");
      assertThat(rekor.requests()).hasSize(1);
    }
  }

  @Test
  void statement_thatIsTooLargeForVersion1_hasARemedy() throws Exception {
    try (LoopbackService rekor = replying(413, "too large")) {
      assertThatThrownBy(() -> add(rekor, new RekorV1Entries()))
          .hasMessageEndingWith(
              "it answered with HTTP status 413: too large. Version 1 of the log is sent the whole"
                  + " statement, and refuses large ones. Sign with 'log' rekor-v2 where the"
                  + " instance has it, or with larger shards.");
    }
  }

  @Test
  void log_thatStaysOverloaded_isGivenUp() throws Exception {
    try (LoopbackService rekor = replying(503, "overloaded")) {
      assertThatThrownBy(() -> add(rekor, new RekorV2Entries()))
          .isInstanceOf(SigningException.class)
          .hasMessageEndingWith(
              "it answered with HTTP status 503: overloaded. Try again later, or ask for less at a"
                  + " time with 'signing-concurrency' and 'signing-rate'.");
      assertThat(rekor.requests()).hasSizeGreaterThan(2);
    }
  }

  private LogEntry add(LoopbackService rekor, RekorEntries entries) throws SigningException {
    return new RekorClient(rekor.url(), entries, http)
        .add(ENVELOPE, CERTIFICATE, () -> true)
        .orElseThrow();
  }

  private static LoopbackService replying(int status, String body) throws Exception {
    return new LoopbackService(
        exchange -> LoopbackService.reply(exchange, status, body.getBytes(UTF_8)));
  }

  private static Struct body(String request) throws Exception {
    Struct.Builder body = Struct.newBuilder();
    JsonFormat.parser().merge(request.substring(request.indexOf('{')), body);
    return body.build();
  }
}
