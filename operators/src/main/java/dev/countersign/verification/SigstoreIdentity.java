package dev.countersign.verification;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1UTF8String;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.OtherName;

/**
 * Whom a certificate of Sigstore's is for: the only alternative name, and the identity provider
 * that vouched for it (Fulcio's OID registry, 1.3.6.1.4.1.57264.1).
 *
 * @param identity mail address, URI or user name; not empty
 * @param provider URL of the provider; not empty
 */
public record SigstoreIdentity(String identity, String provider) {

  /** The provider as text alone. */
  private static final String PROVIDER_1 = "1.3.6.1.4.1.57264.1.1";

  /** The provider as an UTF8String. */
  private static final String PROVIDER_2 = "1.3.6.1.4.1.57264.1.8";

  private static final ASN1ObjectIdentifier USER_NAME =
      new ASN1ObjectIdentifier("1.3.6.1.4.1.57264.1.7");

  /**
   * Returns whom a certificate is for; empty if it does not name exactly one identity and one
   * provider in a way that leaves no doubt.
   */
  public static Optional<SigstoreIdentity> of(X509Certificate certificate) {
    try {
      Optional<String> identity = identity(certificate);
      Optional<String> provider = provider(certificate);
      return identity.isPresent() && provider.isPresent()
          ? Optional.of(new SigstoreIdentity(identity.get(), provider.get()))
          : Optional.empty();
    } catch (IOException | RuntimeException e) {
      // Bouncy Castle answers malformed values with whatever it trips over.
      return Optional.empty();
    }
  }

  private static Optional<String> identity(X509Certificate certificate) throws IOException {
    byte[] extension = certificate.getExtensionValue(Extension.subjectAlternativeName.getId());
    if (extension == null) {
      return Optional.empty();
    }
    GeneralName[] names =
        GeneralNames.getInstance(ASN1Primitive.fromByteArray(octets(extension))).getNames();
    if (names.length != 1) {
      return Optional.empty();
    }
    String name =
        switch (names[0].getTagNo()) {
          case GeneralName.rfc822Name, GeneralName.uniformResourceIdentifier ->
              ASN1IA5String.getInstance(names[0].getName()).getString();
          case GeneralName.otherName -> userName(OtherName.getInstance(names[0].getName()));
          default -> "";
        };
    return Optional.of(name).filter(text -> !text.isEmpty());
  }

  private static String userName(OtherName name) {
    return name.getTypeID().equals(USER_NAME)
        ? ASN1UTF8String.getInstance(name.getValue()).getString()
        : "";
  }

  private static Optional<String> provider(X509Certificate certificate) throws IOException {
    byte[] extension1 = certificate.getExtensionValue(PROVIDER_1);
    byte[] extension2 = certificate.getExtensionValue(PROVIDER_2);
    Optional<String> provider1 =
        extension1 == null ? Optional.empty() : Optional.of(text(octets(extension1)));
    Optional<String> provider2 =
        extension2 == null
            ? Optional.empty()
            : Optional.of(
                ASN1UTF8String.getInstance(ASN1Primitive.fromByteArray(octets(extension2)))
                    .getString());
    if (provider1.isPresent() && provider2.isPresent() && !provider1.equals(provider2)) {
      return Optional.empty();
    }
    return provider2.or(() -> provider1).filter(text -> !text.isEmpty());
  }

  private static byte[] octets(byte[] extension) {
    return ASN1OctetString.getInstance(extension).getOctets();
  }

  private static String text(byte[] utf8) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
  }
}
