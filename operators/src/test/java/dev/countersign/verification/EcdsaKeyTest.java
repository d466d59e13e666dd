package dev.countersign.verification;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.keys.EcCurve;
import dev.countersign.keys.KeyPairFiles;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERSequence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class EcdsaKeyTest {

  private static final byte[] MESSAGE = "message".getBytes(UTF_8);

  @ParameterizedTest
  @EnumSource(EcCurve.class)
  void of_pointThatIsNotOnItsCurve_isEmpty(EcCurve curve) throws Exception {
    ECPublicKey key = (ECPublicKey) KeyPairFiles.generate(curve.nistName()).getPublic();
    BigInteger x = key.getW().getAffineX();
    BigInteger y = key.getW().getAffineY();
    BigInteger prime = ((ECFieldFp) key.getParams().getCurve().getField()).getP();

    assertThat(EcdsaKey.of(key)).isPresent();
    assertThat(EcdsaKey.of(moved(key, x, y.flipBit(0)))).as("beside the curve").isEmpty();
    assertThat(EcdsaKey.of(moved(key, x, prime))).as("not in the field").isEmpty();
    assertThat(EcdsaKey.of(moved(key, BigInteger.ZERO, BigInteger.ZERO))).as("zero").isEmpty();
  }

  /** RFC 6979, appendices A.2.5 to A.2.7: message "sample", the digest of the curve. */
  @ParameterizedTest
  @CsvSource({
    "P-256,"
        + "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6,"
        + "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299,"
        + "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716,"
        + "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
    "P-384,"
        + "EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64"
        + "DEF8F0EA9055866064A254515480BC13,"
        + "8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9F54CA84B3F1C9DB1"
        + "288B231C3AE0D4FE7344FD2533264720,"
        + "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C"
        + "81A648152E44ACF96E36DD1E80FABE46,"
        + "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94F"
        + "A329C145786E679E7B82C71A38628AC8",
    "P-521,"
        + "1894550D0785932E00EAA23B694F213F8C3121F86DC97A04E5A7167DB4E5BCD3"
        + "71123D46E45DB6B5D5370A7F20FB633155D38FFA16D2BD761DCAC474B9A2F5023A4,"
        + "0493101C962CD4D2FDDF782285E64584139C2F91B47F87FF82354D6630F746A2"
        + "8A0DB25741B5B34A828008B22ACC23F924FAAFBD4D33F81EA66956DFEAA2BFDFCF5,"
        + "0C328FAFCBD79DD77850370C46325D987CB525569FB63C5D3BC53950E6D4C5F1"
        + "74E25A1EE9017B5D450606ADD152B534931D7D4E8455CC91F9B15BF05EC36E377FA,"
        + "0617CCE7CF5064806C467F678D3B4080D6F1CC50AF26CA209417308281B68AF2"
        + "82623EAA63E5B5C0723D8B8C37FF0777B1A20F8CCB1DCCC43997F1EE0E44DA4A67A",
  })
  void verify_vectorsOfRfc6979_areTrue(String curve, String x, String y, String r, String s)
      throws Exception {
    ECPoint point = new ECPoint(new BigInteger(x, 16), new BigInteger(y, 16));
    ECPublicKey sameCurve = (ECPublicKey) KeyPairFiles.generate(curve).getPublic();
    PublicKey key =
        KeyFactory.getInstance("EC")
            .generatePublic(new ECPublicKeySpec(point, sameCurve.getParams()));
    byte[] der = der(new BigInteger(r, 16), new BigInteger(s, 16));

    assertThat(verifies(key, "sample".getBytes(UTF_8), der)).isTrue();
    assertThat(verifies(key, "Sample".getBytes(UTF_8), der)).isFalse();
  }

  @ParameterizedTest
  @EnumSource(EcCurve.class)
  void verify_signatureOfTheJdk_isTrueForItsKeyAndMessageAlone(EcCurve curve) throws Exception {
    KeyPair pair = KeyPairFiles.generate(curve.nistName());
    byte[] signature = sign(curve.signatureAlgorithm(), pair);

    assertThat(verifies(pair.getPublic(), MESSAGE, signature)).isTrue();
    assertThat(verifies(pair.getPublic(), new byte[0], signature)).isFalse();
    for (EcCurve other : EcCurve.values()) {
      PublicKey stranger = KeyPairFiles.generate(other.nistName()).getPublic();
      assertThat(verifies(stranger, MESSAGE, signature)).as("%s", other).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({"P-256, SHA384", "P-384, SHA256", "P-521, SHA256", "P-521, SHA384"})
  void verify_digestOfAnotherCurve_isFalse(String curve, String digest) throws Exception {
    KeyPair pair = KeyPairFiles.generate(curve);

    byte[] signature = sign(digest + "withECDSA", pair);

    assertThat(verifies(pair.getPublic(), MESSAGE, signature)).isFalse();
  }

  @ParameterizedTest
  @EnumSource(EcCurve.class)
  void verify_numbersOutOfRange_isFalse(EcCurve curve) throws Exception {
    KeyPair pair = KeyPairFiles.generate(curve.nistName());
    BigInteger order = curve.domain().getN();
    DerSignature good = DerSignature.parse(sign(curve.signatureAlgorithm(), pair)).orElseThrow();

    assertThat(verifies(pair, good.r(), good.s())).isTrue();
    assertThat(verifies(pair, good.r().add(order), good.s())).as("r + n").isFalse();
    assertThat(verifies(pair, good.r(), good.s().add(order))).as("s + n").isFalse();
    assertThat(verifies(pair, BigInteger.ZERO, BigInteger.ZERO)).as("zeros").isFalse();
    assertThat(verifies(pair, order, order)).as("orders").isFalse();
    assertThat(verifies(pair, BigInteger.ZERO, good.s())).as("r zero").isFalse();
    assertThat(verifies(pair, good.r(), BigInteger.ZERO)).as("s zero").isFalse();
    assertThat(verifies(pair, good.r().negate(), good.s())).as("r negative").isFalse();
  }

  /** Anybody can make the second one of the first, so a bundle's hash identifies nothing. */
  @ParameterizedTest
  @EnumSource(EcCurve.class)
  void verify_complementOfS_isTrueAsEcdsaHasIt(EcCurve curve) throws Exception {
    KeyPair pair = KeyPairFiles.generate(curve.nistName());
    DerSignature good = DerSignature.parse(sign(curve.signatureAlgorithm(), pair)).orElseThrow();

    assertThat(verifies(pair, good.r(), curve.domain().getN().subtract(good.s()))).isTrue();
  }

  @Test
  void verify_everyChangedBit_isFalse() throws Exception {
    KeyPair pair = KeyPairFiles.generate("P-256");
    byte[] signature = sign("SHA256withECDSA", pair);

    for (int bit = 0; bit < signature.length * Byte.SIZE; bit++) {
      byte[] changed = signature.clone();
      changed[bit / Byte.SIZE] ^= (byte) (1 << (bit % Byte.SIZE));
      assertThat(verifies(pair.getPublic(), MESSAGE, changed))
          .as("bit %d of %s", bit, HexFormat.of().formatHex(signature))
          .isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(EcCurve.class)
  void verify_otherSpellingsOfAGoodSignature_areFalse(EcCurve curve) throws Exception {
    KeyPair pair = KeyPairFiles.generate(curve.nistName());
    byte[] good = sign(curve.signatureAlgorithm(), pair);
    DerSignature numbers = DerSignature.parse(good).orElseThrow();
    int size = (curve.domain().getN().bitLength() + Byte.SIZE - 1) / Byte.SIZE;
    byte[] plain = new byte[2 * size];
    put(numbers.r(), plain, size);
    put(numbers.s(), plain, 2 * size);
    byte[] indefinite = new byte[good.length + 2];
    System.arraycopy(good, 0, indefinite, 0, good.length);
    indefinite[1] = (byte) 0x80;

    assertThat(verifies(pair.getPublic(), MESSAGE, good)).isTrue();
    assertThat(verifies(pair.getPublic(), MESSAGE, plain)).as("r and s as they are").isFalse();
    assertThat(verifies(pair.getPublic(), MESSAGE, indefinite)).as("BER").isFalse();
    assertThat(verifies(pair.getPublic(), MESSAGE, Arrays.copyOf(good, good.length + 1)))
        .as("a byte after it")
        .isFalse();
    assertThat(verifies(pair.getPublic(), MESSAGE, new byte[0])).as("none").isFalse();
  }

  @Test
  void of_curveThatIsNoneOfOurs_isEmpty() throws Exception {
    ECPublicKey ours = (ECPublicKey) KeyPairFiles.generate("P-256").getPublic();
    ECParameterSpec parameters = ours.getParams();
    ECParameterSpec doubled =
        new ECParameterSpec(
            parameters.getCurve(), parameters.getGenerator(), parameters.getOrder(), 2);

    assertThat(EcdsaKey.of(ours)).isPresent();
    assertThat(EcdsaKey.of(new OnCurve(ours, doubled))).isEmpty();
  }

  /** A key that says of its curve what its maker likes. */
  private record OnCurve(ECPublicKey key, ECParameterSpec spelledOut) implements ECPublicKey {

    @Override
    public ECParameterSpec getParams() {
      return spelledOut;
    }

    @Override
    public ECPoint getW() {
      return key.getW();
    }

    @Override
    public String getAlgorithm() {
      return key.getAlgorithm();
    }

    @Override
    public String getFormat() {
      return key.getFormat();
    }

    @Override
    public byte[] getEncoded() {
      return key.getEncoded();
    }
  }

  private static void put(BigInteger number, byte[] target, int end) {
    byte[] bytes = number.toByteArray();
    int signBytes = bytes[0] == 0 ? 1 : 0;
    int length = bytes.length - signBytes;
    System.arraycopy(bytes, signBytes, target, end - length, length);
  }

  private static boolean verifies(PublicKey key, byte[] message, byte[] signature) {
    return VerifyingKey.of(key).orElseThrow().verifies(SignedMessage.of(message), signature);
  }

  private static boolean verifies(KeyPair pair, BigInteger r, BigInteger s) throws Exception {
    return verifies(pair.getPublic(), MESSAGE, der(r, s));
  }

  private static byte[] sign(String algorithm, KeyPair pair) throws Exception {
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(pair.getPrivate());
    signature.update(MESSAGE);
    return signature.sign();
  }

  private static byte[] der(BigInteger r, BigInteger s) throws Exception {
    ASN1EncodableVector numbers = new ASN1EncodableVector();
    numbers.add(new ASN1Integer(r));
    numbers.add(new ASN1Integer(s));
    return new DERSequence(numbers).getEncoded();
  }

  private static ECPublicKey moved(ECPublicKey key, BigInteger x, BigInteger y) throws Exception {
    return (ECPublicKey)
        KeyFactory.getInstance("EC")
            .generatePublic(new ECPublicKeySpec(new ECPoint(x, y), key.getParams()));
  }
}
