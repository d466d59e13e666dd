package dev.countersign.oms;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.oms.VerificationMaterial.CertificateChain;
import dev.countersign.oms.VerificationMaterial.PublicKeyHint;
import dev.countersign.oms.VerificationMaterial.PublicKeyRaw;
import dev.countersign.text.CodePointOrder;
import dev.countersign.text.Printable;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** What holds of the format for any input; each against the plainest way to say the same. */
final class FormatPropertiesTest {

  private static final Digest DIGEST = Digest.of(new byte[32]);

  @Property
  void codePointOrder_ofAnyTexts_isTheOneOfTheirCodePoints(
      @ForAll("validTexts") String left, @ForAll("validTexts") String right) {
    int[] lefts = left.codePoints().toArray();
    int[] rights = right.codePoints().toArray();
    int same = 0;
    while (same < lefts.length && same < rights.length && lefts[same] == rights[same]) {
      same++;
    }
    int expected =
        same < lefts.length && same < rights.length
            ? Integer.compare(lefts[same], rights[same])
            : Integer.compare(lefts.length, rights.length);

    assertThat(Integer.signum(CodePointOrder.comparator().compare(left, right)))
        .isEqualTo(expected);
  }

  @Property
  void canonicalName_ofSegmentsInOrder_isOneUnlessASegmentIsNone(
      @ForAll("segments") List<String> segments) {
    String name = String.join("/", segments);
    boolean expected = segments.stream().noneMatch(List.of("", ".", "..")::contains);

    assertThat(CanonicalName.isCanonical(name)).as(name).isEqualTo(expected);
  }

  @Property
  void pae_ofAnyTypeAndPayload_countsBytes(
      @ForAll("validTexts") String type, @ForAll byte[] payload) {
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    byte[] typeBytes = type.getBytes(StandardCharsets.UTF_8);
    expected.writeBytes("DSSEv1 ".getBytes(StandardCharsets.US_ASCII));
    expected.writeBytes(Integer.toString(typeBytes.length).getBytes(StandardCharsets.US_ASCII));
    expected.write(' ');
    expected.writeBytes(typeBytes);
    expected.write(' ');
    expected.writeBytes(Integer.toString(payload.length).getBytes(StandardCharsets.US_ASCII));
    expected.write(' ');
    expected.writeBytes(payload);

    assertThat(Envelope.pae(type, payload)).isEqualTo(expected.toByteArray());
  }

  @Property
  void shardName_ofAnyPathAndRange_isParsedAsItWasPrinted(
      @ForAll("paths") String path,
      @ForAll @LongRange(min = 0, max = Long.MAX_VALUE - 1) long one,
      @ForAll @LongRange(min = 0, max = Long.MAX_VALUE - 1) long other)
      throws OmsException {
    Resource shard = new Resource(path, Math.min(one, other), Math.max(one, other) + 1, DIGEST);

    Resource parsed =
        new StatementReader.ListedResource(shard.name(), DIGEST, "sha256")
            .under(Serialization.shards(HashAlgorithm.SHA256, Long.MAX_VALUE));

    assertThat(parsed).isEqualTo(shard);
  }

  @Property(tries = 300)
  void bundle_ofAnyMaterialAndEnvelope_isReadAsItWasWritten(
      @ForAll("materials") VerificationMaterial material,
      @ForAll @Size(min = 1) byte[] payload,
      @ForAll @Size(min = 1) byte[] signature,
      @ForAll("validTexts") String keyid)
      throws OmsException {
    Bundle bundle =
        new Bundle(material, new Envelope(Envelope.PAYLOAD_TYPE, payload, signature, keyid));

    byte[] written = BundleJson.write(bundle);
    Bundle read = BundleJson.read(written, OmsBounds.defaults());

    assertThat(read).isEqualTo(bundle);
    assertThat(BundleJson.write(read)).as("the same bytes").isEqualTo(written);
  }

  @Property(tries = 300)
  void statement_ofAnyShards_isReadAsItWasWritten(
      @ForAll("paths") String path,
      @ForAll("validTexts") String model,
      @ForAll @LongRange(min = 1, max = 1L << 40) long size,
      @ForAll @LongRange(min = 1, max = 20) long count,
      @ForAll @Size(max = 3) List<@From("paths") String> ignored,
      @ForAll boolean allowSymlinks,
      @ForAll ShardAlgorithm spelling)
      throws OmsException {
    Serialization serialization =
        Serialization.shards(HashAlgorithm.SHA256, size)
            .withIgnorePaths(ignored)
            .withAllowSymlinks(allowSymlinks);
    List<Resource> shards = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      shards.add(new Resource(path, i * size, (i + 1) * size, DIGEST));
    }
    Manifest manifest = Manifest.sorted("m" + model, serialization, shards);

    byte[] written = Statement.write(manifest, spelling);
    Manifest read = Statement.read(written, OmsBounds.defaults());

    assertThat(read.resources()).isEqualTo(manifest.resources());
    assertThat(read.serialization()).isEqualTo(serialization);
    assertThat(read.modelName()).isEqualTo(manifest.modelName());
    assertThat(Statement.write(read, spelling)).as("the same bytes").isEqualTo(written);
  }

  @Property
  void printable_ofAnyText_hasNothingThatATerminalObeys(@ForAll("texts") String text) {
    String printable = Printable.of(text);

    assertThat(printable.codePoints())
        .as(printable)
        .noneMatch(Character::isISOControl)
        .noneMatch(c -> Character.getType(c) == Character.FORMAT)
        .noneMatch(c -> Character.getType(c) == Character.SURROGATE)
        .noneMatch(c -> Character.getType(c) == Character.LINE_SEPARATOR)
        .noneMatch(c -> Character.getType(c) == Character.PARAGRAPH_SEPARATOR);
    assertThat(printable.codePointCount(0, printable.length())).isLessThanOrEqualTo(300 * 10 + 1);
  }

  /** Also halves of pairs, controls, and what turns the direction of text. */
  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.oneOf(
            Arbitraries.of(
                "a", "/", "\0", "\n", "\u001b", "\u009b", "\u202e", "\u2028", "\ud7ff", "\ue000"),
            Arbitraries.of("\uffff", "\ud83d\ude00", "\ud800", "\udc00", "é", "e\u0301"),
            Arbitraries.strings().ofMaxLength(1))
        .list()
        .ofMaxSize(12)
        .map(parts -> String.join("", parts));
  }

  @Provide
  Arbitrary<String> validTexts() {
    return texts()
        .map(text -> new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
  }

  @Provide
  Arbitrary<List<String>> segments() {
    return Arbitraries.oneOf(
            Arbitraries.of("", ".", "..", "...", "..a", ".git", "a", "a:0:1", "\\", "模型", "\u0001"),
            Arbitraries.strings().alpha().ofMaxLength(3))
        .list()
        .ofMinSize(1)
        .ofMaxSize(4);
  }

  /** Canonical ones, in which colons and numbers look like ranges. */
  @Provide
  Arbitrary<String> paths() {
    return Arbitraries.of("a", ":", "a:0:10", "::", "1", "/x", "é", "\n", "..a", " ")
        .list()
        .ofMinSize(1)
        .ofMaxSize(4)
        .map(parts -> String.join("", parts))
        .filter(CanonicalName::isCanonical);
  }

  @Provide
  Arbitrary<VerificationMaterial> materials() {
    Arbitrary<byte[]> bytes = Arbitraries.bytes().array(byte[].class).ofMinSize(1).ofMaxSize(20);
    return Arbitraries.oneOf(
        validTexts().map(PublicKeyHint::new),
        bytes.map(PublicKeyRaw::new),
        Combinators.combine(bytes, bytes.list().ofMaxSize(15))
            .as(
                (leaf, others) -> {
                  List<byte[]> chain = new ArrayList<>(List.of(leaf));
                  chain.addAll(others);
                  return new CertificateChain(chain);
                }));
  }
}
