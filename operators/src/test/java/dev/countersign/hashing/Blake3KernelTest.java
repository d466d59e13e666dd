package dev.countersign.hashing;

import java.util.Map;

/** Vectors: the designers' {@code test_vectors/test_vectors.json}, cut to the default length. */
final class Blake3KernelTest extends AbstractHashKernelTest {

  @Override
  HashKernel kernel() {
    return HashKernels.forAlgorithm("blake3");
  }

  @Override
  Map<String, String> textVectors() {
    return Map.of("", "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
  }

  @Override
  Map<Integer, String> patternVectors() {
    return Map.of(
        1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
        1023, "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11",
        1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
        1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
        2049, "5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030",
        4097, "9b4052b38f1c5fc8b1f9ff7ac7b27cd242487b3d890d15c96a1c25b8aa0fb995",
        8193, "bab6c09cb8ce8cf459261398d2e7aef35700bf488116ceb94a36d0f5f1b7bc3b",
        31_744, "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47",
        102_400, "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085");
  }
}
