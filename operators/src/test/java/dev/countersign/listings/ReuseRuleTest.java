package dev.countersign.listings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.schemas.ListedRange;
import dev.countersign.schemas.UnitRange;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class ReuseRuleTest {

  private static final long NOW = SampleListings.LISTED + 60_000;

  @Test
  void holds_forTheSameFile_andForNoOther() {
    assertThat(freshWith(fresh -> {})).isTrue();

    assertThat(freshWith(fresh -> fresh.setName("other"))).isFalse();
    assertThat(freshWith(fresh -> fresh.setStart(1L))).isFalse();
    assertThat(freshWith(fresh -> fresh.setEnd(5L))).isFalse();
    assertThat(freshWith(fresh -> fresh.setLength(6L))).isFalse();
    assertThat(freshWith(fresh -> fresh.setVersion("v2"))).isFalse();
    assertThat(freshWith(fresh -> fresh.setModified(fresh.getModified() + 1))).isFalse();
  }

  @Test
  void holds_forAFileThatWasChangedShortlyBeforeItWasListed_isFalse() {
    assertThat(modifiedBeforeListing(2_001)).isTrue();

    assertThat(modifiedBeforeListing(2_000)).isFalse();
    assertThat(modifiedBeforeListing(0)).isFalse();
    assertThat(modifiedBeforeListing(-5_000)).isFalse();
  }

  @Test
  void holds_withoutATimeOrAVersion_isFalse() {
    assertThat(bothWith(range -> range.setModified(0))).isFalse();
    assertThat(bothWith(range -> range.setModified(Long.MIN_VALUE))).isFalse();
    assertThat(bothWith(range -> range.setVersion(""))).isFalse();
  }

  @Test
  void holds_forADigestOfAnotherLength_isFalse() {
    assertThat(bothWith(range -> range.setDigest(ByteBuffer.allocate(0)))).isFalse();
    assertThat(bothWith(range -> range.setDigest(ByteBuffer.allocate(64)))).isFalse();
  }

  @Test
  void holds_forAListingOfTheFuture_isFalse() {
    assertThat(bothWith(range -> range.setListed(NOW))).isTrue();

    assertThat(bothWith(range -> range.setListed(NOW + 1))).isFalse();
  }

  private static boolean freshWith(Consumer<UnitRange> change) {
    ListedRange then = SampleListings.range("file");
    UnitRange fresh = SampleListings.fresh(then);
    change.accept(fresh);
    return new ReuseRule(32, NOW).holds(then, fresh);
  }

  private static boolean modifiedBeforeListing(long millis) {
    return bothWith(range -> range.setModified(range.getListed() - millis));
  }

  private static boolean bothWith(Consumer<ListedRange> change) {
    ListedRange then = SampleListings.range("file");
    change.accept(then);
    return new ReuseRule(32, NOW).holds(then, SampleListings.fresh(then));
  }
}
