package dev.countersign.trust;

import static dev.countersign.trust.CertificateForge.NOW;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.trust.CertificateForge.Issued;
import org.junit.jupiter.api.Test;

final class StatedTimestampTest {

  private final Issued issuer = CertificateForge.ca("CN=TSA CA").issue();
  private final Issued authority =
      CertificateForge.timestampAuthority("CN=TSA").signedBy(issuer).issue();

  @Test
  void read_ofAnyTimestamp_isWhatItClaims() throws Exception {
    StatedTimestamp stated =
        StatedTimestamp.read(
            TimestampForge.over("a signature".getBytes(UTF_8), authority).response());

    assertThat(stated)
        .isEqualTo(new StatedTimestamp(NOW, "1.3.6.1.4.1.57264.2", "abcdef", "CN=TSA"));
  }

  @Test
  void read_withoutTheCertificate_namesItsIssuerAndNumber() throws Exception {
    StatedTimestamp stated =
        StatedTimestamp.read(
            TimestampForge.over("a signature".getBytes(UTF_8), authority)
                .enclosingNothing()
                .response());

    assertThat(stated.authority())
        .isEqualTo(
            "CN=TSA CA, serial number " + authority.certificate().getSerialNumber().toString(16));
  }

  @Test
  void read_ofGarbage_isRefused() {
    assertThatThrownBy(() -> StatedTimestamp.read(new byte[] {0x30, 0}))
        .isInstanceOf(TimestampException.class)
        .hasMessage("The timestamp is not an RFC 3161 response. Have the model signed again.");
  }

  @Test
  void read_timestampOfAHostileName_escapesIt() throws Exception {
    Issued hostile = CertificateForge.timestampAuthority("CN=Evil\u001b[2J").issue();

    StatedTimestamp stated =
        StatedTimestamp.read(
            TimestampForge.over("a signature".getBytes(UTF_8), hostile).response());

    assertThat(stated.authority()).isEqualTo("CN=Evil\\u001b[2J");
  }
}
