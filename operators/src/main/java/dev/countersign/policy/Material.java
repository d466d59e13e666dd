package dev.countersign.policy;

import dev.countersign.keys.CertificateFile;
import dev.countersign.keys.Certificates;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.storage.StorageException;
import dev.countersign.text.Printable;
import dev.countersign.trust.CrlFile;
import dev.countersign.trust.TrustException;
import dev.countersign.verification.PolicyAcceptance;
import dev.countersign.verification.PolicyWording;
import dev.countersign.yaml.YamlNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Keys, certificates and revocation lists that a policy has in it, or names the files of. */
final class Material {

  private static final String PEM = "-----BEGIN ";

  private final PolicySources sources;
  private final PolicyPlace place;

  Material(PolicySources sources, PolicyPlace place) {
    this.sources = sources;
    this.place = place;
  }

  /** Reads or throws what readers of keys, of certificates and of files do. */
  private interface Reading<T> {
    T read() throws KeyFormatException, TrustException, StorageException;
  }

  List<PolicyAcceptance.Key> keys(List<YamlNode.Text> texts) throws PolicyException {
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

  List<byte[]> certificates(List<YamlNode.Text> texts, CertificateFile.Use use)
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
  List<CrlFile> revocationLists(List<YamlNode.Text> texts, List<byte[]> trusted)
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
  static String source(YamlNode.Text text) {
    return isInline(text)
        ? String.format(Locale.ROOT, "what stands at line %d", text.line())
        : text.value();
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
      throw place.refuse(text.line(), e.message(PolicyWording.INSTANCE));
    } catch (StorageException e) {
      throw place.refuse(text.line(), e.getMessage());
    } catch (InvalidPathException e) {
      throw place.refuse(
          text.line(),
          String.format(
              Locale.ROOT,
              "'%s' is no path on this machine. Name a file, relative to the policy's folder, or"
                  + " write PEM text.",
              Printable.of(text.value())));
    }
  }
}
