package dev.countersign.hashing;

import java.util.Map;
import org.bouncycastle.crypto.digests.SHA256Digest;

/** Vectors: NIST's examples for FIPS 180-4, and what CPython's hashlib (OpenSSL) gives. */
abstract class AbstractSha256KernelTest extends AbstractHashKernelTest {

  @Override
  byte[] reference(byte[] input) {
    return BouncyCastle.digest(new SHA256Digest(), input);
  }

  @Override
  Map<String, String> textVectors() {
    return Map.of(
        "",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "abc",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        "a".repeat(1_000_000),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  }

  @Override
  Map<Integer, String> patternVectors() {
    return Map.of(
        1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        127, "92ca0fa6651ee2f97b884b7246a562fa71250fedefe5ebf270d31c546bfea976",
        128, "471fb943aa23c511f6f72f8d1652d9c880cfa392ad80503120547703e56a2be5",
        129, "5099c6a56203f9687f7d33f4bfdf576d31dc91f6b695ecea38b2770c87631135",
        65_537, "237356e18b503616912abb8ffaed3a72591e397d4ac294c4637917d48a3f529d");
  }
}
