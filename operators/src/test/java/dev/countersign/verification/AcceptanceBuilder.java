package dev.countersign.verification;

import dev.countersign.trust.CrlFile;
import dev.countersign.verification.PolicyAcceptance.Certified;
import dev.countersign.verification.PolicyAcceptance.NameRule;
import java.util.ArrayList;
import java.util.List;

/** Certificates by an authority, as a rule accepts them. */
final class AcceptanceBuilder {

  private final byte[] authority;
  private final List<NameRule> subjects = new ArrayList<>();
  private final List<NameRule> alternativeNames = new ArrayList<>();
  private final List<NameRule> issuers = new ArrayList<>();
  List<byte[]> timestamps = List.of();
  List<byte[]> lists = List.of();
  CertificateTime time = CertificateTime.NOW;

  AcceptanceBuilder(byte[] authority) {
    this.authority = authority;
  }

  AcceptanceBuilder subject(String text, boolean isPattern) {
    subjects.add(new NameRule(text, isPattern));
    return this;
  }

  AcceptanceBuilder alternativeName(String text, boolean isPattern) {
    alternativeNames.add(new NameRule(text, isPattern));
    return this;
  }

  AcceptanceBuilder issuer(String text, boolean isPattern) {
    issuers.add(new NameRule(text, isPattern));
    return this;
  }

  Certified settings() {
    return new Certified(
        List.of("authority.pem"),
        new CertificateVerificationSettings(
            List.of(authority),
            false,
            timestamps,
            lists.stream().map(list -> new CrlFile("crl", list)).toList(),
            time),
        subjects,
        alternativeNames,
        issuers);
  }
}
