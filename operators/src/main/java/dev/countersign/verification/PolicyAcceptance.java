package dev.countersign.verification;

import dev.countersign.oms.HashAlgorithm;
import java.io.Serializable;
import java.util.List;
import java.util.function.Predicate;
import javax.security.auth.x500.X500Principal;

/**
 * Who may have signed a model, and how it may have been hashed. One signer that is accepted is
 * enough.
 *
 * @param keys public keys
 * @param certificates certificates by their authorities
 * @param identities identities of Sigstore
 * @param hashes the hash algorithms that count; all if there are none
 */
public record PolicyAcceptance(
    List<Key> keys,
    List<Certified> certificates,
    List<Identity> identities,
    List<HashAlgorithm> hashes)
    implements Serializable {

  /** Nobody at all. */
  public static final PolicyAcceptance NOBODY =
      new PolicyAcceptance(List.of(), List.of(), List.of(), List.of());

  public PolicyAcceptance {
    keys = List.copyOf(keys);
    certificates = List.copyOf(certificates);
    identities = List.copyOf(identities);
    hashes = List.copyOf(hashes);
  }

  /** Returns whether nobody is accepted. */
  public boolean isOfNobody() {
    return keys.isEmpty() && certificates.isEmpty() && identities.isEmpty();
  }

  /**
   * A public key.
   *
   * @param source where it was read, for messages: a file's name as the policy has it
   * @param pem as {@code keys.PublicKeyFile.pem} writes it
   */
  public record Key(String source, String pem) implements Serializable {}

  /**
   * Certificates by some authorities.
   *
   * @param sources where the authorities' certificates were read, for messages
   * @param trust the authorities, and when and by whom else the certificates must be valid
   * @param subjects what the signer's subject name must be, one of these; any if there are none
   * @param alternativeNames what one of the signer's alternative names must be, one of these; the
   *     texts are those that {@link AlternativeName#parse} takes
   * @param issuers what the name of the signer's issuer must be, one of these
   */
  public record Certified(
      List<String> sources,
      CertificateVerificationSettings trust,
      List<NameRule> subjects,
      List<NameRule> alternativeNames,
      List<NameRule> issuers)
      implements Serializable {

    public Certified {
      sources = List.copyOf(sources);
      subjects = List.copyOf(subjects);
      alternativeNames = List.copyOf(alternativeNames);
      issuers = List.copyOf(issuers);
    }

    /** Returns whether every signer that the authorities vouch for is accepted. */
    public boolean isOfAnybody() {
      return subjects.isEmpty() && alternativeNames.isEmpty() && issuers.isEmpty();
    }
  }

  /**
   * An identity of Sigstore.
   *
   * @param identity whose
   * @param issuer the URL of who vouches for the identity
   */
  public record Identity(NameRule identity, String issuer) implements Serializable {}

  /**
   * What a name must be.
   *
   * @param text the name itself, or a pattern that {@link LinearPattern} takes
   * @param isPattern which of them
   */
  public record NameRule(String text, boolean isPattern) implements Serializable {

    /**
     * Returns what accepts a subject or an issuer. An exact rule is compared as RFC 5280, section
     * 7.1 has it, a pattern with the form of RFC 2253.
     */
    Predicate<X500Principal> ofPrincipal() {
      if (!isPattern) {
        return new X500Principal(text)::equals;
      }
      LinearPattern pattern = LinearPattern.compile(text);
      return name -> pattern.matches(name.getName());
    }

    /** Returns what accepts a text: the same characters, or a pattern for the whole of it. */
    Predicate<String> ofText() {
      return isPattern ? LinearPattern.compile(text)::matches : text::equals;
    }

    /**
     * Returns what accepts an alternative name: one of the same kind and, for an exact rule, of the
     * same characters.
     */
    Predicate<AlternativeName> ofAlternative() {
      AlternativeName wanted =
          AlternativeName.parse(text)
              .orElseThrow(() -> new IllegalArgumentException("a name without its kind"));
      if (!isPattern) {
        return wanted::equals;
      }
      LinearPattern pattern = LinearPattern.compile(wanted.value());
      return name -> name.kind() == wanted.kind() && pattern.matches(name.value());
    }
  }
}
