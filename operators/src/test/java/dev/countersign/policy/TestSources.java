package dev.countersign.policy;

import dev.countersign.keys.CertificateFile;
import dev.countersign.keys.Certificates;
import dev.countersign.keys.KeyPairFiles;
import dev.countersign.keys.PublicKeyFile;
import dev.countersign.trust.CertificateForge;
import dev.countersign.trust.CertificateForge.Issued;
import dev.countersign.trust.CrlFile;
import dev.countersign.trust.CrlForge;
import dev.countersign.trust.SigstoreFile;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** A key, an authority and a fresh revocation list, under any name. */
final class TestSources implements PolicySources {

  static final Instant BEGIN = CertificateForge.NOW.minus(Duration.ofDays(365));
  static final Instant END = BEGIN.plus(Duration.ofDays(36_500));
  static final String KEY = PublicKeyFile.pem(KeyPairFiles.generate("P-256").getPublic());
  static final Issued AUTHORITY = CertificateForge.ca("CN=Root").validity(BEGIN, END).issue();

  /** The name of a file with a list in the authority's name that it did not sign. */
  static final String FORGED = "forged.crl";

  @Override
  public String key(String file) {
    return KEY;
  }

  @Override
  public List<byte[]> certificates(String file, CertificateFile.Use use) {
    return List.of(Certificates.encoded(AUTHORITY.certificate()));
  }

  @Override
  public SigstoreFile sigstore(String file) {
    return new SigstoreFile(file, new byte[] {'{', '}'});
  }

  @Override
  public CrlFile revocationList(String file) {
    Issued signer = file.equals(FORGED) ? CertificateForge.ca("CN=Root").issue() : AUTHORITY;
    return new CrlFile(
        file, CrlForge.inTheNameOf(AUTHORITY, signer, END.minus(Duration.ofDays(30))).der());
  }
}
