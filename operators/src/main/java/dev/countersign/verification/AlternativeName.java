package dev.countersign.verification;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Alternative name of a certificate that is text (RFC 5280, section 4.2.1.6). In a policy it is
 * written with its kind as a prefix, since a host may have the name of a mail address.
 *
 * @param kind what kind of name it is
 * @param value the name without the prefix
 */
public record AlternativeName(Kind kind, String value) {

  /** Kinds of names, with their numbers in GeneralName. */
  public enum Kind {
    /** Mail address. */
    EMAIL("email:", 1),
    /** Host name. */
    DNS("dns:", 2),
    /** URI. */
    URI("uri:", 6);

    private final String prefix;
    private final int tag;

    Kind(String prefix, int tag) {
      this.prefix = prefix;
      this.tag = tag;
    }
  }

  /** Returns the name, or the pattern, that a policy has written; empty without a prefix. */
  public static Optional<AlternativeName> parse(String text) {
    for (Kind kind : Kind.values()) {
      if (text.startsWith(kind.prefix) && text.length() > kind.prefix.length()) {
        return Optional.of(new AlternativeName(kind, text.substring(kind.prefix.length())));
      }
    }
    return Optional.empty();
  }

  /** Returns the names of a certificate; none if its extension cannot be read. */
  public static List<AlternativeName> of(X509Certificate certificate) {
    Collection<List<?>> stated;
    try {
      stated = certificate.getSubjectAlternativeNames();
    } catch (CertificateParsingException | RuntimeException e) {
      // The JDK reads some names, such as address ranges, only when it is asked for them.
      return List.of();
    }
    List<AlternativeName> names = new ArrayList<>();
    for (List<?> name : stated == null ? List.<List<?>>of() : stated) {
      for (Kind kind : Kind.values()) {
        if (name.get(0).equals(kind.tag)) {
          names.add(new AlternativeName(kind, String.valueOf(name.get(1))));
        }
      }
    }
    return names;
  }
}
