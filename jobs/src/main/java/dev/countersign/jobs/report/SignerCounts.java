package dev.countersign.jobs.report;

import dev.countersign.jobs.terminal.TextResults;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.SignerCertificate;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts models by who signed them. Of one that failed, what it says may be anybody's claim. */
final class SignerCounts {

  private static final int MAX_SIGNERS = 500;
  private static final int MAX_NAME = 300;

  private final Map<Key, Signer> signers = new HashMap<>();
  private long others;

  private record Key(String method, String fingerprint) {}

  /**
   * A signer.
   *
   * @param method key, certificate or sigstore
   * @param fingerprint SHA-256 of the key's PEM text, or of the certificate; under sigstore, whose
   *     certificates are short-lived, the identity
   * @param name subject of the certificate, or identity and provider; empty for a bare key
   * @param models how many models it signed that did not fail
   */
  record Signer(String method, String fingerprint, String name, long models) {

    private Signer plusOne() {
      return new Signer(method, fingerprint, name, models + 1);
    }
  }

  void add(ModelResult result) {
    if (result.getSigner().isEmpty() || RunTotals.isFailure(result)) {
      return;
    }
    Key key =
        new Key(
            ReportText.of(result.getSignatureMethod(), MAX_NAME),
            ReportText.of(result.getSigner(), MAX_NAME));
    Signer known = signers.get(key);
    if (known == null && signers.size() >= MAX_SIGNERS) {
      others++;
      return;
    }
    signers.put(key, (known == null ? first(key, result) : known).plusOne());
  }

  private static Signer first(Key key, ModelResult result) {
    SignerCertificate certificate = result.getCertificate();
    if (certificate == null) {
      return new Signer(key.method(), key.fingerprint(), "", 0);
    }
    String name = ReportText.of(TextResults.signerName(certificate), MAX_NAME);
    return new Signer(key.method(), key.fingerprint(), name, 0);
  }

  /** Returns signers, those of most models first. */
  List<Signer> ranked() {
    return signers.values().stream()
        .sorted(
            Comparator.comparingLong(Signer::models)
                .reversed()
                .thenComparing(Signer::method)
                .thenComparing(Signer::fingerprint))
        .toList();
  }

  /** Returns how many models were signed by signers beyond the first 500. */
  long others() {
    return others;
  }
}
