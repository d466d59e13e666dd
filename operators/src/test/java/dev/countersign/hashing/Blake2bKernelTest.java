package dev.countersign.hashing;

import java.util.Map;
import org.bouncycastle.crypto.digests.Blake2bDigest;

/** Vectors: RFC 7693 appendix A ("abc"), and what CPython's hashlib (the designers' code) gives. */
final class Blake2bKernelTest extends AbstractHashKernelTest {

  @Override
  HashKernel kernel() {
    return HashKernels.of(KernelChoice.PORTABLE).forAlgorithm("blake2b");
  }

  @Override
  byte[] reference(byte[] input) {
    return BouncyCastle.digest(new Blake2bDigest(512), input);
  }

  @Override
  Map<String, String> textVectors() {
    return Map.of(
        "",
        "786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419"
            + "d25e1031afee585313896444934eb04b903a685b1448b755d56f701afe9be2ce",
        "abc",
        "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
            + "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
  }

  @Override
  Map<Integer, String> patternVectors() {
    return Map.of(
        1,
        "2fa3f686df876995167e7c2e5d74c4c7b6e48f8068fe0e44208344d480f7904c"
            + "36963e44115fe3eb2a3ac8694c28bcb4f5a0f3276f2e79487d8219057a506e4b",
        127,
        "b6292669ccd38d5f01caae96ba272c76a879a45743afa0725d83b9ebb26665b7"
            + "31f1848c52f11972b6644f554c064fa90780dbbbf3a89d4fc31f67df3e5857ef",
        128,
        "2319e3789c47e2daa5fe807f61bec2a1a6537fa03f19ff32e87eecbfd64b7e0e"
            + "8ccff439ac333b040f19b0c4ddd11a61e24ac1fe0f10a039806c5dcc0da3d115",
        129,
        "f59711d44a031d5f97a9413c065d1e614c417ede998590325f49bad2fd444d3e"
            + "4418be19aec4e11449ac1a57207898bc57d76a1bcf3566292c20c683a5c4648f",
        65_537,
        "17e60f0b76a810a5f7213fa8936fae7880289a4750651bd768f8dbaa3c8d6d44"
            + "671f7c6feb32ff90e03b296134a1e6b762219532635ffa3ecb5fd4f60149810c");
  }
}
