package dev.countersign.source.units;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.source.ledger.Plans;
import org.junit.jupiter.api.Test;

final class ModelSplitTest {

  /** Flink keeps something for each id that a reader ever saw, until the run ends. */
  @Test
  void splitId_ofUnitsThatDiffer_isTheSame() {
    ModelSplit one = split(1);
    ModelSplit other = split(2);

    assertThat(one).isNotEqualTo(other);
    assertThat(one.splitId()).isEqualTo(other.splitId());
  }

  @Test
  void toString_tellsEntryAttemptAndUnitAlone() {
    assertThat(split(7)).hasToString("ModelSplit[7:1:0]");
  }

  private static ModelSplit split(long entryId) {
    return new ModelSplit(Plans.ofUnits(entryId, 5).units().get(0));
  }
}
