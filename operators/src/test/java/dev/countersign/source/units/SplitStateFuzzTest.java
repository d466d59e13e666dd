package dev.countersign.source.units;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;

/** Any bytes are a work unit or an {@link IOException}. */
final class SplitStateFuzzTest {

  @FuzzTest
  void fuzz(byte[] serialized) throws IOException {
    ModelSplit.Serializer serializer = new ModelSplit.Serializer();
    ModelSplit split;
    try {
      split = serializer.deserialize(serializer.getVersion(), serialized);
    } catch (IOException e) {
      return;
    }
    ModelSplit again = serializer.deserialize(serializer.getVersion(), serializer.serialize(split));
    assertThat(again.unit()).isEqualTo(split.unit());
    assertThat(again.id()).isEqualTo(split.id());
  }
}
