package dev.countersign.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SigstoreLibrariesTest {

  @Test
  void load_withTheLibraries_findsTheImplementation() throws TrustException {
    assertThat(SigstoreLibraries.load(SigstoreInstances.class)).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dev.sigstore.", "com.google.protobuf.", "io.grpc."})
  void load_withoutALibrary_saysWhatToAdd(String missing) {
    ClassLoader classes =
        new ClassLoader(getClass().getClassLoader()) {
          @Override
          protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith(missing)) {
              throw new ClassNotFoundException(name);
            }
            return super.loadClass(name, resolve);
          }
        };

    assertThatThrownBy(() -> SigstoreLibraries.load(SigstoreInstances.class, classes))
        .isInstanceOf(TrustException.class)
        .hasMessageMatching(
            "Cannot use Sigstore: its libraries are not on the class path \\("
                + missing
                + ".*\\)\\. Keep the folder connectors/sigstore beside countersign\\.jar, where the"
                + " launcher finds it\\. On a cluster, put its jars into lib/ or usrlib/, or name"
                + " each with flink run -C\\.");
  }
}
