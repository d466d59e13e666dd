package dev.countersign.policy;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.countersign.keys.Certificates;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.KeyHint;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.remedy.Setting;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.verification.CertificateTime;
import dev.countersign.verification.PolicyAcceptance;
import dev.countersign.verification.PolicyRule;
import dev.countersign.verification.PolicySettings;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What is odd about a policy that can be used: more than its author may have meant, or less. */
public final class PolicyWarnings {

  /** Patterns for every model. */
  private static final Set<String> EVERY = Set.of(".*", ".+", "(?s).*", "(?s).+", ".*?", "^.*$");

  /** No canonical URI begins or ends so. With alternatives, another may match. */
  private static final Pattern NEVER = Pattern.compile("file:[^|]*|[A-Za-z0-9_-]+(/[^|]*)?|[^|]+/");

  private final Instant now;
  private final List<Warning> warnings = new ArrayList<>();

  private PolicyWarnings(Instant now) {
    this.now = now;
  }

  /**
   * A warning.
   *
   * @param rule the rule's name
   * @param line where the rule begins in the file, from 1
   * @param text what is odd and what it leads to, in sentences; escaped
   */
  public record Warning(String rule, int line, String text) {}

  /** Returns what is odd, in the order of the rules. */
  public static List<Warning> of(PolicySettings policy, Instant now) {
    PolicyWarnings warnings = new PolicyWarnings(now);
    Map<String, String> earlier = new HashMap<>();
    for (PolicyRule rule : policy.rules()) {
      warnings.addOfPatterns(rule, earlier);
      warnings.addOfAcceptance(rule, policy);
      rule.models().forEach(pattern -> earlier.putIfAbsent(pattern, rule.name()));
    }
    return List.copyOf(warnings.warnings);
  }

  private void addOfPatterns(PolicyRule rule, Map<String, String> earlier) {
    Optional<String> takesAll =
        EVERY.stream()
            .flatMap(every -> Optional.ofNullable(earlier.get(every)).stream())
            .findFirst();
    for (String pattern : rule.models()) {
      String before = earlier.get(pattern);
      if (before != null) {
        add(
            rule,
            "The pattern %s never decides: rule '%s' before it has the same.",
            Printable.of(pattern),
            before);
      } else if (takesAll.isPresent()) {
        add(
            rule,
            "The pattern %s never decides: rule '%s' before it takes every model.",
            Printable.of(pattern),
            takesAll.get());
      } else if (NEVER.matcher(pattern).matches()) {
        add(
            rule,
            "The pattern %s matches no model: URIs begin with / or scheme://host/ and end without a"
                + " slash.",
            Printable.of(pattern));
      }
      if (rule.allowsUnsigned() && EVERY.contains(pattern)) {
        add(rule, "It lets every model pass without a bundle that no rule before it is for.");
      }
    }
  }

  private void addOfAcceptance(PolicyRule rule, PolicySettings policy) {
    PolicyAcceptance accepted = rule.accepted();
    for (PolicyAcceptance.Key key : accepted.keys()) {
      String hint = hint(key);
      if (rule.deniedFingerprints().contains(hint) || policy.deniedFingerprints().contains(hint)) {
        add(
            rule,
            "It accepts the key %s, which deny-fingerprints denies.",
            Printable.of(key.source()));
      }
    }
    for (PolicyAcceptance.Certified certified : accepted.certificates()) {
      addOfValidity(rule, "authority", certified.trust().anchors());
      addOfValidity(rule, "timestamp authority", certified.trust().timestampAnchors());
      if (!certified.trust().time().equals(CertificateTime.NOW)) {
        add(
            rule,
            "certificate-time %s weakens it: who has the key of an expired certificate can still"
                + " sign. Results say so.",
            certified.trust().time().text());
      }
    }
    if (policy.sigstore() == null && !accepted.identities().isEmpty()) {
      add(
          rule,
          "It accepts identities of Sigstore, and the policy has no sigstore-trusted-root: name the"
              + " instance with %s or %s.",
          Setting.TRUSTED_ROOT,
          Setting.TRUST_CONFIG);
    }
  }

  private void addOfValidity(PolicyRule rule, String what, List<byte[]> encoded) {
    for (X509Certificate certificate : Certificates.ofTaken(encoded)) {
      String subject = Printable.of(certificate.getSubjectX500Principal().getName());
      if (certificate.getNotAfter().toInstant().isBefore(now)) {
        add(
            rule,
            "The %s %s has expired on %s.",
            what,
            subject,
            certificate.getNotAfter().toInstant());
      } else if (certificate.getNotBefore().toInstant().isAfter(now)) {
        add(
            rule,
            "The %s %s is not valid before %s.",
            what,
            subject,
            certificate.getNotBefore().toInstant());
      }
    }
  }

  /** Returns the hint of a key that was read before. */
  public static String hint(PolicyAcceptance.Key key) {
    try {
      return KeyHint.of(
          PublicKeyFile.read(key.pem().getBytes(StandardCharsets.US_ASCII), key.source()));
    } catch (KeyFormatException e) {
      throw new IllegalArgumentException("a key that was read before cannot be read", e);
    }
  }

  @FormatMethod
  private void add(PolicyRule rule, @FormatString String format, Object... arguments) {
    warnings.add(new Warning(rule.name(), rule.line(), Message.of(format, arguments)));
  }
}
