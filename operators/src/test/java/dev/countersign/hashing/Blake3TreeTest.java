package dev.countersign.hashing;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class Blake3TreeTest {

  @Test
  void digest_ofASingleSubtree_isRefused() {
    assertThatThrownBy(() -> Blake3Tree.digest(List.of(new byte[32])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("an input in 1 subtrees has no parent to be its root");
  }

  @Test
  void parent_ofWhatIsNotAChainingValue_isRefused() {
    assertThatThrownBy(() -> Blake3Tree.parent(new byte[32], new byte[31]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a chaining value has 32 bytes, not 31");
  }
}
