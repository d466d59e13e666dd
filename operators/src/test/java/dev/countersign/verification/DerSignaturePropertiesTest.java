package dev.countersign.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERSequence;

/** {@link DerSignature} against Bouncy Castle's reading and writing of the same. */
final class DerSignaturePropertiesTest {

  @Property
  void parse_ofAnyTwoNumbers_givesThemIfBothArePositive(
      @ForAll @Size(min = 1, max = 66) byte[] rBytes,
      @ForAll @Size(min = 1, max = 66) byte[] sBytes)
      throws IOException {
    BigInteger r = new BigInteger(rBytes);
    BigInteger s = new BigInteger(sBytes);
    byte[] der = der(r, s);

    Optional<DerSignature> parsed = DerSignature.parse(der);

    if (r.signum() > 0 && s.signum() > 0) {
      assertThat(parsed).hasValue(new DerSignature(r, s));
    } else {
      assertThat(parsed).isEmpty();
    }
  }

  /** Bouncy Castle reads more than DER; what both read, both read alike. */
  @Property(tries = 3000)
  void parse_ofADamagedSignature_isEmptyOrWhatOthersRead(
      @ForAll @Size(min = 1, max = 40) byte[] rBytes,
      @ForAll @Size(min = 1, max = 40) byte[] sBytes,
      @ForAll @IntRange(max = 90) int at,
      @ForAll byte value)
      throws IOException {
    byte[] der = der(new BigInteger(1, rBytes), new BigInteger(1, sBytes));
    byte[] damaged = der.clone();
    damaged[at % damaged.length] = value;

    Optional<DerSignature> parsed = DerSignature.parse(damaged);

    if (parsed.isPresent()) {
      ASN1Sequence numbers = ASN1Sequence.getInstance(ASN1Primitive.fromByteArray(damaged));
      assertThat(ASN1Integer.getInstance(numbers.getObjectAt(0)).getValue())
          .isEqualTo(parsed.get().r());
      assertThat(ASN1Integer.getInstance(numbers.getObjectAt(1)).getValue())
          .isEqualTo(parsed.get().s());
      assertThat(der(parsed.get().r(), parsed.get().s()))
          .as("its only spelling")
          .isEqualTo(damaged);
    } else if (Arrays.equals(damaged, der)) {
      assertThat(new BigInteger(1, rBytes).multiply(new BigInteger(1, sBytes))).isZero();
    }
  }

  private static byte[] der(BigInteger r, BigInteger s) throws IOException {
    ASN1EncodableVector numbers = new ASN1EncodableVector();
    numbers.add(new ASN1Integer(r));
    numbers.add(new ASN1Integer(s));
    return new DERSequence(numbers).getEncoded(ASN1Encoding.DER);
  }
}
