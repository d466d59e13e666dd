package dev.countersign.policy;

import dev.countersign.keys.CertificateFile;
import dev.countersign.keys.Certificates;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import dev.countersign.text.StoreUri;
import dev.countersign.trust.CrlFile;
import dev.countersign.trust.RevocationLists;
import dev.countersign.trust.SigstoreFile;
import dev.countersign.trust.TrustException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a policy's files from the local disk or a store, relative to the policy's folder, and each
 * of them once: rules that name the same file rely on the same content, and it is shipped once.
 */
final class FileSources implements PolicySources {

  private final String folder;
  private final boolean again;
  private final Map<String, String> keys = new HashMap<>();
  private final Map<String, List<byte[]>> certificates = new HashMap<>();
  private final Map<String, CrlFile> lists = new HashMap<>();

  /**
   * Reads from a folder on.
   *
   * @param folder an absolute path, or a URI as {@link Storages} describes
   * @param again whether they were read before, so that a list may be out of date
   */
  FileSources(String folder, boolean again) {
    this.folder = folder;
    this.again = again;
  }

  @Override
  public void requireUsable(CrlFile list, List<X509Certificate> known) throws TrustException {
    if (again) {
      RevocationLists.requireUsableAgain(List.of(list), known);
    } else {
      PolicySources.super.requireUsable(list, known);
    }
  }

  @Override
  public String key(String file) throws KeyFormatException, StorageException {
    String place = place(file);
    String known = keys.get(place);
    if (known == null) {
      known = PublicKeyFile.pem(TrustedFiles.publicKey(place));
      keys.put(place, known);
    }
    return known;
  }

  @Override
  public List<byte[]> certificates(String file, CertificateFile.Use use)
      throws KeyFormatException, StorageException {
    String place = place(file);
    List<byte[]> known = certificates.get(place);
    if (known == null) {
      known = TrustedFiles.certificates(place, use).stream().map(Certificates::encoded).toList();
      certificates.put(place, known);
    }
    return known;
  }

  @Override
  public CrlFile revocationList(String file) throws TrustException, StorageException {
    String place = place(file);
    CrlFile known = lists.get(place);
    if (known == null) {
      known =
          isStored(place)
              ? new CrlFile(place, Storages.readFully(place, CrlFile.MAX_MEBIBYTES))
              : CrlFile.load(place);
      lists.put(place, known);
    }
    return known;
  }

  @Override
  public SigstoreFile sigstore(String file) throws StorageException {
    String place = place(file);
    return new SigstoreFile(place, Storages.readFully(place, SigstoreFile.MAX_MEBIBYTES));
  }

  private static boolean isStored(String place) {
    return !place.startsWith("/");
  }

  private String place(String file) throws StorageException {
    if (StoreUri.hasScheme(file)) {
      return Storages.absolute(file, folder);
    }
    if (!isStored(folder)) {
      return Path.of(folder).resolve(file).normalize().toString();
    }
    if (file.startsWith("/")) {
      throw new StorageException(
          StorageException.Kind.UNSUPPORTED,
          file,
          Message.of(
              "%s is a path on one machine, and the policy is in %s. Name it relative to the"
                  + " policy's folder, or by a URI.",
              Printable.of(file), Printable.of(folder)));
    }
    return Storages.absolute(file, folder);
  }
}
