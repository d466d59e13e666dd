package dev.countersign.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DerSignatureTest {

  @ParameterizedTest
  @CsvSource({
    "3006020101020102, 1, 2",
    "3006020 17f020101, 7f, 1",
    "30070202 0080020101, 80, 1",
    "3008020200ff020 20100, ff, 100",
  })
  void parse_strictDer_givesTheNumbers(String der, String r, String s) {
    assertThat(DerSignature.parse(bytes(der)))
        .contains(new DerSignature(new BigInteger(r, 16), new BigInteger(s, 16)));
  }

  @Test
  void parse_longForm_isTakenFrom128BytesOn() {
    String number = "0240" + "7f".repeat(64);

    assertThat(DerSignature.parse(bytes("308184" + number + number))).isPresent();
  }

  @ParameterizedTest
  @CsvSource({
    "'', nothing",
    "30, no length",
    "3006020101, cut off",
    "3006020101020102ff, a byte after it",
    "3007020101020102ff, a byte after s",
    "3009020101020102020103, a third number",
    "3003020101, one number",
    "3106020101020102, a SET",
    "3006030101020102, no INTEGER",
    "308106020101020102, a length in more bytes than it takes",
    "30820006020101020102, a length in two bytes",
    "30800201010201020000, an indefinite length",
    "30840000000602010102 0102, a length in four bytes",
    "3006020100020102, r is zero",
    "3006020101020100, s is zero",
    "30060201ff020102, r is negative",
    "3006020101020180, s is negative",
    "300702020001020102, r with a zero in front",
    "3007020101020200 7f, s with a zero in front",
    "30050200020102, r without content",
    "300602050102 0102, a number longer than the sequence",
    "30060201010282 0102, a number of the length that follows",
  })
  void parse_anythingElse_isNoSignature(String der, String why) {
    assertThat(DerSignature.parse(bytes(der))).as(why).isEmpty();
  }

  @Test
  void parse_moreBytesThanAnyCurveTakes_isNoSignature() {
    String number = "027f" + "7f".repeat(127);

    assertThat(DerSignature.parse(bytes("30820102" + number + number))).isEmpty();
  }

  @Test
  void parse_randomBytes_acceptsOnlyWhatEncodesTheSame() {
    SplittableRandom random = new SplittableRandom(3);
    byte[] start = bytes("3008020201000202 7fff");
    int accepted = 0;
    for (int i = 0; i < 200_000; i++) {
      byte[] der = start.clone();
      der[random.nextInt(der.length)] = (byte) random.nextInt(256);
      der[random.nextInt(der.length)] = (byte) random.nextInt(256);
      var parsed = DerSignature.parse(der);
      if (parsed.isPresent()) {
        accepted++;
        assertThat(encode(parsed.get())).isEqualTo(der);
      }
    }
    assertThat(accepted).isPositive();
  }

  private static byte[] encode(DerSignature signature) {
    byte[] r = signature.r().toByteArray();
    byte[] s = signature.s().toByteArray();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0x30);
    out.write(r.length + s.length + 4);
    for (byte[] number : new byte[][] {r, s}) {
      out.write(0x02);
      out.write(number.length);
      out.writeBytes(number);
    }
    return out.toByteArray();
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }
}
