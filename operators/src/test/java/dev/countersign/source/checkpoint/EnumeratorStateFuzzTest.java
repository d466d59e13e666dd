package dev.countersign.source.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.schemas.EnumeratorState;
import java.io.IOException;
import java.util.ArrayList;

/** Any bytes are the enumerator's state or an {@link IOException}. */
final class EnumeratorStateFuzzTest {

  @FuzzTest
  void fuzz(byte[] serialized) throws IOException {
    EnumeratorStateSerializer serializer = new EnumeratorStateSerializer();
    EnumeratorState state;
    try {
      state = serializer.deserialize(serializer.getVersion(), serialized);
    } catch (IOException e) {
      return;
    }
    EnumeratorState again =
        serializer.deserialize(serializer.getVersion(), serializer.serialize(state));
    assertThat(again.getCursor()).isEqualTo(state.getCursor());
    assertThat(again.getCatalog()).isEqualTo(state.getCatalog());
    // Avro's own lists of records that hold a time cannot be compared.
    assertThat(new ArrayList<>(again.getWindow())).isEqualTo(new ArrayList<>(state.getWindow()));
  }
}
