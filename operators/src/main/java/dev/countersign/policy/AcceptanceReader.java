package dev.countersign.policy;

import dev.countersign.keys.CertificateFile;
import dev.countersign.keys.Certificates;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.oms.HashAlgorithm;
import dev.countersign.storage.StorageException;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.trust.CrlFile;
import dev.countersign.trust.TrustException;
import dev.countersign.verification.AlternativeName;
import dev.countersign.verification.CertificateTime;
import dev.countersign.verification.CertificateVerificationSettings;
import dev.countersign.verification.LinearPattern;
import dev.countersign.verification.PolicyAcceptance;
import dev.countersign.verification.PolicyAcceptance.NameRule;
import dev.countersign.verification.PolicyWording;
import dev.countersign.yaml.YamlNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/** Reads whom a rule accepts: keys and certificates in the policy itself or in files. */
final class AcceptanceReader {

  private static final List<String> KEYS = List.of("keys", "certificates", "sigstore", "hashes");
  private static final String ALTERNATIVE_NAME = "alternative-name";
  private static final List<String> KEYS_OF_CERTIFICATES =
      List.of(
          "authorities",
          "subject",
          ALTERNATIVE_NAME,
          "issuer",
          "timestamp-authorities",
          "revocation-lists",
          "certificate-time");
  private static final List<String> KEYS_OF_IDENTITIES = List.of("identity", "issuer");
  private static final List<String> KEYS_OF_PATTERNS = List.of("pattern");

  private static final String PEM = "-----BEGIN ";

  private final PolicyPlace place;
  private final PolicySources sources;

  AcceptanceReader(PolicyPlace place, PolicySources sources) {
    this.place = place;
    this.sources = sources;
  }

  /** Reads or throws what readers of keys, of certificates and of files do. */
  private interface Reading<T> {
    T read() throws KeyFormatException, TrustException, StorageException;
  }

  PolicyAcceptance read(YamlNode node) throws PolicyException {
    Fields fields = Fields.of(node, "accept", KEYS, place);
    PolicyAcceptance accepted =
        new PolicyAcceptance(
            keys(fields.texts("keys")), certificates(fields), identities(fields), hashes(fields));
    if (accepted.isOfNobody()) {
      throw place.refuse(node.line(), "accept is empty. Add keys, certificates or sigstore.");
    }
    return accepted;
  }

  private List<PolicyAcceptance.Certified> certificates(Fields fields) throws PolicyException {
    List<PolicyAcceptance.Certified> certificates = new ArrayList<>();
    for (YamlNode element : fields.elements("certificates")) {
      certificates.add(certified(Fields.of(element, "certificates", KEYS_OF_CERTIFICATES, place)));
    }
    return certificates;
  }

  private PolicyAcceptance.Certified certified(Fields fields) throws PolicyException {
    YamlNode unused = fields.require("authorities", "certificates");
    List<YamlNode.Text> authorities = fields.texts("authorities");
    List<byte[]> anchors = certificates(authorities, CertificateFile.Use.CERTIFICATE_CHAIN);
    List<byte[]> timestampAnchors =
        certificates(
            fields.texts("timestamp-authorities"), CertificateFile.Use.TSA_CERTIFICATE_CHAIN);
    List<byte[]> trusted = new ArrayList<>(anchors);
    trusted.addAll(timestampAnchors);
    CertificateVerificationSettings trust =
        new CertificateVerificationSettings(
            anchors,
            false,
            timestampAnchors,
            revocationLists(fields.texts("revocation-lists"), trusted),
            certificateTime(fields));
    return new PolicyAcceptance.Certified(
        authorities.stream().map(AcceptanceReader::source).toList(),
        trust,
        distinguishedNames("subject", fields),
        alternativeNames(fields),
        distinguishedNames("issuer", fields));
  }

  private CertificateTime certificateTime(Fields fields) throws PolicyException {
    Optional<YamlNode> value = fields.find("certificate-time");
    if (value.isEmpty()) {
      return CertificateTime.NOW;
    }
    YamlNode.Text text = fields.text("certificate-time", value.get());
    return CertificateTime.parse(text.value())
        .orElseThrow(
            () ->
                place.refuse(
                    text.line(),
                    "certificate-time must be now, not-before, or a time with its offset from UTC"
                        + " as in 2026-03-01T12:00:00Z."));
  }

  private List<PolicyAcceptance.Identity> identities(Fields fields) throws PolicyException {
    List<PolicyAcceptance.Identity> identities = new ArrayList<>();
    for (YamlNode element : fields.elements("sigstore")) {
      Fields identity = Fields.of(element, "sigstore", KEYS_OF_IDENTITIES, place);
      YamlNode name = identity.require("identity", "sigstore");
      YamlNode issuer = identity.require("issuer", "sigstore");
      identities.add(
          new PolicyAcceptance.Identity(
              name("identity", name, identity), identity.text("issuer", issuer).value()));
    }
    return identities;
  }

  private List<HashAlgorithm> hashes(Fields fields) throws PolicyException {
    List<HashAlgorithm> hashes = new ArrayList<>();
    for (YamlNode.Text text : fields.texts("hashes")) {
      hashes.add(
          HashAlgorithm.named(text.value())
              .orElseThrow(
                  () ->
                      place.refuse(
                          text.line(),
                          "'%s' is not a hash algorithm. Use sha256, blake2b or blake3.",
                          Printable.of(text.value()))));
    }
    return hashes;
  }

  private List<NameRule> distinguishedNames(String key, Fields fields) throws PolicyException {
    List<NameRule> rules = names(key, fields);
    for (NameRule rule : rules) {
      if (!rule.isPattern() && !isDistinguishedName(rule.text())) {
        throw place.refuse(
            fields.line(key),
            "%s is '%s', which is not a name such as 'CN=Release Team,O=Example' (RFC 2253)."
                + " countersign inspect shows a signer's.",
            key,
            Printable.of(rule.text()));
      }
    }
    return rules;
  }

  private List<NameRule> alternativeNames(Fields fields) throws PolicyException {
    List<NameRule> rules = names(ALTERNATIVE_NAME, fields);
    int line = fields.line(ALTERNATIVE_NAME);
    for (NameRule rule : rules) {
      Optional<AlternativeName> name = AlternativeName.parse(rule.text());
      if (name.isEmpty()) {
        throw place.refuse(
            line,
            "alternative-name is '%s', which does not say what kind of name that is. Begin it"
                + " with email:, dns: or uri:, as in '%s%1$s'.",
            Printable.of(rule.text()),
            likelyKind(rule.text()));
      }
      if (rule.isPattern()) {
        requirePattern(name.get().value(), line, place);
      }
    }
    return rules;
  }

  private static String likelyKind(String name) {
    if (name.contains("://")) {
      return "uri:";
    }
    return name.contains("@") ? "email:" : "dns:";
  }

  private List<NameRule> names(String key, Fields fields) throws PolicyException {
    List<NameRule> rules = new ArrayList<>();
    for (YamlNode element : fields.elements(key)) {
      rules.add(name(key, element, fields));
    }
    return rules;
  }

  private NameRule name(String key, YamlNode node, Fields fields) throws PolicyException {
    if (!(node instanceof YamlNode.Mapping)) {
      return new NameRule(fields.text(key, node).value(), false);
    }
    Fields pattern = Fields.of(node, key, KEYS_OF_PATTERNS, place);
    return new NameRule(
        pattern(pattern.text("pattern", pattern.require("pattern", key)), place), true);
  }

  /** Returns the text of a pattern that can be used. */
  static String pattern(YamlNode.Text text, PolicyPlace place) throws PolicyException {
    requirePattern(text.value(), text.line(), place);
    return text.value();
  }

  private static void requirePattern(String pattern, int line, PolicyPlace place)
      throws PolicyException {
    try {
      LinearPattern unused = LinearPattern.compile(pattern);
    } catch (IllegalArgumentException e) {
      throw place.refuse(
          line, "The pattern '%s' cannot be used: %s.", Printable.of(pattern), e.getMessage());
    }
  }

  private static boolean isDistinguishedName(String text) {
    try {
      return !new X500Principal(text).getName().isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private List<PolicyAcceptance.Key> keys(List<YamlNode.Text> texts) throws PolicyException {
    List<PolicyAcceptance.Key> keys = new ArrayList<>();
    for (YamlNode.Text text : texts) {
      String source = source(text);
      String pem =
          reading(
              text,
              () ->
                  isInline(text)
                      ? PublicKeyFile.pem(PublicKeyFile.read(bytes(text), source))
                      : sources.key(text.value()));
      keys.add(new PolicyAcceptance.Key(source, pem));
    }
    return keys;
  }

  private List<byte[]> certificates(List<YamlNode.Text> texts, CertificateFile.Use use)
      throws PolicyException {
    List<byte[]> certificates = new ArrayList<>();
    for (YamlNode.Text text : texts) {
      certificates.addAll(
          reading(
              text,
              () ->
                  isInline(text)
                      ? CertificateFile.read(bytes(text), source(text), use).stream()
                          .map(Certificates::encoded)
                          .toList()
                      : sources.certificates(text.value(), use)));
    }
    return certificates;
  }

  /**
   * Returns files of revocation lists.
   *
   * @param trusted the certificates whose issuers and own lists they may be
   */
  private List<CrlFile> revocationLists(List<YamlNode.Text> texts, List<byte[]> trusted)
      throws PolicyException {
    List<X509Certificate> known = Certificates.ofTaken(trusted);
    List<CrlFile> lists = new ArrayList<>();
    for (YamlNode.Text text : texts) {
      lists.add(
          reading(
              text,
              () -> {
                CrlFile list =
                    isInline(text)
                        ? new CrlFile(source(text), bytes(text))
                        : sources.revocationList(text.value());
                sources.requireUsable(list, known);
                return list;
              }));
    }
    return lists;
  }

  /** Returns how messages name where it is from. */
  private static String source(YamlNode.Text text) {
    return isInline(text) ? Message.of("the value at line %d", text.line()) : text.value();
  }

  private static boolean isInline(YamlNode.Text text) {
    return text.value().contains(PEM);
  }

  private static byte[] bytes(YamlNode.Text text) {
    return text.value().getBytes(StandardCharsets.UTF_8);
  }

  private <T> T reading(YamlNode.Text text, Reading<T> reading) throws PolicyException {
    try {
      return reading.read();
    } catch (KeyFormatException | TrustException e) {
      throw place.refuse(text.line(), "%s", e.message(PolicyWording::of));
    } catch (StorageException e) {
      throw place.refuse(text.line(), "%s", e.getMessage());
    } catch (InvalidPathException e) {
      throw place.refuse(
          text.line(),
          "'%s' is not a valid path on this machine. Name a file, relative to the policy's folder,"
              + " or write PEM text.",
          Printable.of(text.value()));
    }
  }
}
