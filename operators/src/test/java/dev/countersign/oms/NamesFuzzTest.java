package dev.countersign.oms;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.text.Printable;
import java.nio.charset.StandardCharsets;

/** Any text is a canonical name or not, the name of a shard or not, and can be printed. */
final class NamesFuzzTest {

  private static final Digest DIGEST = Digest.of(new byte[32]);

  @FuzzTest
  void fuzz(byte[] text) {
    // As UTF-16 it may hold halves of surrogate pairs.
    check(new String(text, StandardCharsets.UTF_8));
    check(new String(text, StandardCharsets.UTF_16BE));
  }

  private static void check(String name) {
    try {
      CanonicalName.check(name);
      assertThat(name.split("/", -1)).doesNotContain("", ".", "..");
      assertThat(name).doesNotContain("\0");
    } catch (OmsException e) {
      assertThat(CanonicalName.isCanonical(name)).isFalse();
    }
    try {
      Resource shard =
          new StatementReader.ListedResource(name, DIGEST, "sha256")
              .under(Serialization.shards(HashAlgorithm.SHA256, 10));
      assertThat(shard.name()).isEqualTo(name);
    } catch (OmsException e) {
      assertThat(e.getMessage()).doesNotContainPattern("\\p{Cntrl}");
    }
    assertThat(Printable.of(name)).doesNotContainPattern("[\\p{Cntrl}\\p{Cf}\\p{Cs}]");
  }
}
