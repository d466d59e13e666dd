package dev.countersign.signing.sigstore;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.countersign.keys.Certificates;
import dev.countersign.oms.Envelope;
import dev.countersign.oms.LogEntry;
import dev.countersign.oms.LogEntry.InclusionProof;
import dev.countersign.oms.Sha256;
import dev.countersign.remedy.Remedy;
import dev.sigstore.json.ProtoJson;
import dev.sigstore.proto.common.v1.PublicKeyDetails;
import dev.sigstore.proto.common.v1.X509Certificate;
import dev.sigstore.proto.rekor.v1.TransparencyLogEntry;
import dev.sigstore.proto.rekor.v2.CreateEntryRequest;
import dev.sigstore.proto.rekor.v2.HashedRekordRequestV002;
import dev.sigstore.proto.rekor.v2.Signature;
import dev.sigstore.proto.rekor.v2.Verifier;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Version 2: {@code hashedrekord} entries over SHA-256 of the pre-authentication encoding. */
final class RekorV2Entries implements RekorEntries {

  @Override
  public String path() {
    return "/api/v2/log/entries";
  }

  @Override
  public byte[] proposal(Envelope envelope, java.security.cert.X509Certificate certificate) {
    CreateEntryRequest request =
        CreateEntryRequest.newBuilder()
            .setHashedRekordRequestV002(
                HashedRekordRequestV002.newBuilder()
                    .setDigest(ByteString.copyFrom(Sha256.digest(envelope.pae())))
                    .setSignature(
                        Signature.newBuilder()
                            .setContent(ByteString.copyFrom(envelope.signature()))
                            .setVerifier(
                                Verifier.newBuilder()
                                    .setKeyDetails(PublicKeyDetails.PKIX_ECDSA_P256_SHA_256)
                                    .setX509Certificate(
                                        X509Certificate.newBuilder()
                                            .setRawBytes(
                                                ByteString.copyFrom(
                                                    Certificates.encoded(certificate)))))))
            .build();
    try {
      return JsonFormat.printer().print(request).getBytes(StandardCharsets.UTF_8);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a log entry cannot be written", e);
    }
  }

  @Override
  public Remedy remedyOfRefusal() {
    return Remedy.text("Check that the signing config names a log with version 2 of the API.");
  }

  @Override
  public LogEntry read(byte[] answer) throws MalformedAnswerException {
    TransparencyLogEntry.Builder entry = TransparencyLogEntry.newBuilder();
    try {
      ProtoJson.parser().merge(new String(answer, StandardCharsets.UTF_8), entry);
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      throw new MalformedAnswerException(String.valueOf(e.getMessage()), e);
    }
    if (!entry.hasInclusionProof()) {
      throw new MalformedAnswerException("there is no inclusion proof", null);
    }
    dev.sigstore.proto.rekor.v1.InclusionProof proof = entry.getInclusionProof();
    List<byte[]> hashes = proof.getHashesList().stream().map(ByteString::toByteArray).toList();
    return new LogEntry(
        entry.getLogIndex(),
        entry.getLogId().getKeyId().toByteArray(),
        entry.getKindVersion().getKind(),
        entry.getKindVersion().getVersion(),
        entry.getIntegratedTime(),
        entry.getInclusionPromise().getSignedEntryTimestamp().toByteArray(),
        Optional.of(
            new InclusionProof(
                proof.getLogIndex(),
                proof.getRootHash().toByteArray(),
                proof.getTreeSize(),
                hashes,
                proof.getCheckpoint().getEnvelope())),
        entry.getCanonicalizedBody().toByteArray());
  }
}
