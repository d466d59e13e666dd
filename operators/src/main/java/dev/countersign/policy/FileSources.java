package dev.countersign.policy;

import dev.countersign.keys.CertificateFile;
import dev.countersign.keys.Certificates;
import dev.countersign.keys.KeyFormatException;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.trust.CrlFile;
import dev.countersign.trust.TrustException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a policy's files from the local disk, relative to the policy's folder, and each of them
 * once: rules that name the same file rely on the same content, and it is shipped once.
 */
final class FileSources implements PolicySources {

  private final Path folder;
  private final Map<Path, String> keys = new HashMap<>();
  private final Map<Path, List<byte[]>> certificates = new HashMap<>();
  private final Map<Path, CrlFile> lists = new HashMap<>();

  /** Reads from an absolute folder on. */
  FileSources(Path folder) {
    this.folder = folder;
  }

  @Override
  public String key(String file) throws KeyFormatException {
    Path path = path(file);
    String known = keys.get(path);
    if (known == null) {
      known = PublicKeyFile.pem(PublicKeyFile.load(path.toString()));
      keys.put(path, known);
    }
    return known;
  }

  @Override
  public List<byte[]> certificates(String file, CertificateFile.Use use) throws KeyFormatException {
    Path path = path(file);
    List<byte[]> known = certificates.get(path);
    if (known == null) {
      known =
          CertificateFile.load(path.toString(), use).stream().map(Certificates::encoded).toList();
      certificates.put(path, known);
    }
    return known;
  }

  @Override
  public CrlFile revocationList(String file) throws TrustException {
    Path path = path(file);
    CrlFile known = lists.get(path);
    if (known == null) {
      known = CrlFile.load(path.toString());
      lists.put(path, known);
    }
    return known;
  }

  private Path path(String file) {
    return folder.resolve(file).normalize();
  }
}
