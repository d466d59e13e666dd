package dev.countersign.signing.sigstore;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.sun.net.httpserver.HttpExchange;
import dev.countersign.ManualClock;
import dev.countersign.http.HttpSettings;
import dev.countersign.keys.CertificateFile;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.LogEntry;
import dev.countersign.oms.LogEntry.InclusionProof;
import dev.countersign.signing.IdentityTokenSource;
import dev.countersign.signing.SigningLimits;
import dev.countersign.signing.SigstoreLog;
import dev.countersign.signing.SigstoreSigningSettings;
import dev.countersign.signing.SigstoreSigningSettings.ExpectedIdentity;
import dev.countersign.trust.CertificateForge.Issued;
import dev.countersign.trust.SigstoreFile;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.trust.TimestampForge;
import dev.countersign.verification.SigstoreForge;
import dev.sigstore.fulcio.v2.CertificateChain;
import dev.sigstore.fulcio.v2.CreateSigningCertificateRequest;
import dev.sigstore.fulcio.v2.SigningCertificate;
import dev.sigstore.fulcio.v2.SigningCertificateEmbeddedSCT;
import dev.sigstore.proto.common.v1.LogId;
import dev.sigstore.proto.rekor.v1.Checkpoint;
import dev.sigstore.proto.rekor.v1.KindVersion;
import dev.sigstore.proto.rekor.v1.TransparencyLogEntry;
import dev.sigstore.proto.rekor.v2.CreateEntryRequest;
import dev.sigstore.proto.rekor.v2.Signature;
import java.io.IOException;
import java.io.StringReader;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.bouncycastle.tsp.TimeStampRequest;

/**
 * Sigstore instance in this JVM, whose certificates are valid for ten minutes by the clock of a
 * test. Its log is of version 2, and takes signatures of {@link #PAYLOAD} alone.
 */
final class LoopbackInstance implements AutoCloseable {

  static final byte[] PAYLOAD = "{}".getBytes(UTF_8);
  private static final Duration VALIDITY = Duration.ofMinutes(10);

  final SigstoreForge forge = new SigstoreForge();
  final LoopbackService fulcio;
  final LoopbackService timestamps;
  final LoopbackService log;

  /** Whose signatures the log recorded. */
  final List<X509Certificate> recorded = new CopyOnWriteArrayList<>();

  /** Called with each request for a timestamp. */
  volatile Runnable onTimestamp = () -> {};

  /** How much time passes while the log, once, refuses a signature; none if it takes the first. */
  volatile Duration postponed = Duration.ZERO;

  private final ManualClock clock;

  LoopbackInstance(ManualClock clock) throws IOException {
    this.clock = clock;
    fulcio = new LoopbackService(this::certify);
    timestamps = new LoopbackService(this::timestamp);
    log = new LoopbackService(this::record);
    // Which services there are is told by the time of the machine.
    forge.timestampValidity = SigstoreForge.validFor(Instant.EPOCH, null);
  }

  /** Returns the files that describe the instance. */
  SigstoreInstance described() {
    return new SigstoreInstance(
        new SigstoreFile("root.json", forge.trustedRoot().getBytes(UTF_8)),
        new SigstoreFile("config.json", signingConfig().getBytes(UTF_8)));
  }

  /** Returns settings to sign with the instance. */
  SigstoreSigningSettings settings() {
    return new SigstoreSigningSettings(
        new IdentityTokenSource("", "TOKEN"),
        ExpectedIdentity.ANY,
        described(),
        SigstoreLog.REKOR_V2,
        new HttpSettings(Duration.ofSeconds(30)),
        SigningLimits.DEFAULT);
  }

  /** Returns a token that the instance takes for a day. */
  String token() {
    return TokenForge.expiring(clock.instant().plus(Duration.ofDays(1)));
  }

  @Override
  public void close() {
    fulcio.close();
    timestamps.close();
    log.close();
  }

  private String signingConfig() {
    return "{\"mediaType\":\"application/vnd.dev.sigstore.signingconfig.v0.2+json\",\"caUrls\":"
        + service(fulcio, 1)
        + ",\"rekorTlogUrls\":"
        + service(log, 2)
        + ",\"tsaUrls\":"
        + service(timestamps, 1)
        + ",\"rekorTlogConfig\":{\"selector\":\"ANY\"},\"tsaConfig\":{\"selector\":\"ANY\"}}";
  }

  private static String service(LoopbackService service, int version) {
    return "[{\"url\":\""
        + service.url()
        + "\",\"majorApiVersion\":"
        + version
        + ","
        + SigstoreForge.validFor(Instant.EPOCH, null)
        + ",\"operator\":\"o\"}]";
  }

  private void certify(HttpExchange exchange) throws IOException {
    CreateSigningCertificateRequest.Builder request = CreateSigningCertificateRequest.newBuilder();
    parse(exchange, request);
    Issued issued =
        forge
            .leaf()
            .keys(new KeyPair(key(request.getCertificateSigningRequest().toStringUtf8()), null))
            .validity(clock.instant(), clock.instant().plus(VALIDITY))
            .issue();
    X509Certificate certificate =
        forge
            .recorded(issued, forge.transparency, clock.instant(), forge.intermediate)
            .certificate();
    reply(
        exchange,
        SigningCertificate.newBuilder()
            .setSignedCertificateEmbeddedSct(
                SigningCertificateEmbeddedSCT.newBuilder()
                    .setChain(
                        CertificateChain.newBuilder()
                            .addCertificates(CertificateFile.pem(List.of(certificate)))))
            .build());
  }

  private static PublicKey key(String request) throws IOException {
    try (PEMParser pem = new PEMParser(new StringReader(request))) {
      return new JcaPKCS10CertificationRequest((PKCS10CertificationRequest) pem.readObject())
          .getPublicKey();
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private void timestamp(HttpExchange exchange) throws IOException {
    onTimestamp.run();
    TimeStampRequest request = new TimeStampRequest(exchange.getRequestBody().readAllBytes());
    LoopbackService.reply(
        exchange,
        200,
        TimestampForge.answer(request, forge.timestamps).at(clock.instant()).response());
  }

  private void record(HttpExchange exchange) throws IOException {
    if (!postponed.isZero()) {
      clock.pass(postponed);
      postponed = Duration.ZERO;
      exchange.getResponseHeaders().set("Retry-After", "1");
      LoopbackService.reply(exchange, 429, new byte[0]);
      return;
    }
    CreateEntryRequest.Builder request = CreateEntryRequest.newBuilder();
    parse(exchange, request);
    Signature signature = request.getHashedRekordRequestV002().getSignature();
    Envelope envelope =
        new Envelope(Envelope.PAYLOAD_TYPE, PAYLOAD, signature.getContent().toByteArray(), "");
    LogEntry entry;
    try {
      X509Certificate certificate =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(
                      signature.getVerifier().getX509Certificate().getRawBytes().newInput());
      recorded.add(certificate);
      entry = forge.entry2(SigstoreForge.hashedRekord2(envelope, certificate));
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
    InclusionProof proof = entry.inclusionProof().orElseThrow();
    reply(
        exchange,
        TransparencyLogEntry.newBuilder()
            .setLogIndex(entry.logIndex())
            .setLogId(LogId.newBuilder().setKeyId(ByteString.copyFrom(entry.logId())))
            .setKindVersion(
                KindVersion.newBuilder().setKind(entry.kind()).setVersion(entry.version()))
            .setInclusionProof(
                dev.sigstore.proto.rekor.v1.InclusionProof.newBuilder()
                    .setLogIndex(proof.logIndex())
                    .setRootHash(ByteString.copyFrom(proof.rootHash()))
                    .setTreeSize(proof.treeSize())
                    .addAllHashes(proof.hashes().stream().map(ByteString::copyFrom).toList())
                    .setCheckpoint(Checkpoint.newBuilder().setEnvelope(proof.checkpoint())))
            .setCanonicalizedBody(ByteString.copyFrom(entry.canonicalizedBody()))
            .build());
  }

  private static void parse(HttpExchange exchange, Message.Builder request) throws IOException {
    JsonFormat.parser().merge(new String(exchange.getRequestBody().readAllBytes(), UTF_8), request);
  }

  private static void reply(HttpExchange exchange, Message answer) throws IOException {
    LoopbackService.reply(exchange, 200, JsonFormat.printer().print(answer).getBytes(UTF_8));
  }
}
