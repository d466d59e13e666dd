package dev.countersign.verification;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERSequence;

/** Any bytes are no signature, or the only spelling of one. */
final class DerSignatureFuzzTest {

  @FuzzTest
  void fuzz(byte[] der) throws IOException {
    DerSignature signature = DerSignature.parse(der).orElse(null);
    if (signature == null) {
      return;
    }
    ASN1EncodableVector numbers = new ASN1EncodableVector();
    numbers.add(new ASN1Integer(signature.r()));
    numbers.add(new ASN1Integer(signature.s()));
    assertThat(new DERSequence(numbers).getEncoded(ASN1Encoding.DER)).isEqualTo(der);
    assertThat(signature.r().signum()).isPositive();
    assertThat(signature.s().signum()).isPositive();
  }
}
