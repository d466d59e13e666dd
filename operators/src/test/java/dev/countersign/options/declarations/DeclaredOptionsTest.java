package dev.countersign.options.declarations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.options.Command;
import dev.countersign.options.DeclaredOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class DeclaredOptionsTest {

  static List<DeclaredOption<?>> options() {
    return DeclaredOptions.all();
  }

  @Test
  void keys_ofAllOptions_areDistinctAndLookUpTheirOption() {
    Set<String> keys = new HashSet<>();

    for (DeclaredOption<?> option : DeclaredOptions.all()) {
      assertThat(keys.add(option.key())).as(option.key()).isTrue();
      assertThat(DeclaredOptions.named(option.key()))
          .hasValueSatisfying(found -> assertThat((Object) found).isSameAs(option));
    }
  }

  @Test
  void instance_ofAPolicyWithIdentities_canBeNamedWhereverThePolicyCan() {
    for (DeclaredOption<?> option :
        List.of(
            SigstoreOptions.TRUST_CONFIG,
            SigstoreOptions.TRUSTED_ROOT,
            SigstoreOptions.OFFLINE,
            KeylessOptions.CA_FILE)) {
      assertThat(option.commands())
          .as(option.key())
          .containsAll(PolicyOptions.POLICY.commands())
          .contains(Command.VERIFY_SIGSTORE, Command.SIGN_SIGSTORE);
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void option_ofEachKind_isDescribedInSentences(DeclaredOption<?> option) {
    assertThat(option.key()).matches("[a-z]+[0-9]*(-[a-z]+)*");
    assertThat(option.description()).matches("(?s)[A-Z].*\\.");
    assertThat(option.commands()).isNotEmpty();
    assertThat(option.isSwitch()).isEqualTo(option.label().isEmpty());
  }

  @ParameterizedTest
  @MethodSource("options")
  void defaultText_ofEachOption_readsAsTheDefault(DeclaredOption<?> option) {
    if (option.defaultText().isEmpty()) {
      return;
    }

    String text = option.defaultText();
    Object read = option.read(option.isList() ? List.of(text.split(";")) : List.of(text), "test");

    assertThat(read).isEqualTo(option.option().defaultValue());
  }

  @Test
  void nearest_ofAMisspelledKey_isTheKey() {
    assertThat(DeclaredOptions.nearest("hash_algorithm")).contains("hash-algorithm");
    assertThat(DeclaredOptions.nearest("ignore-path")).contains("ignore-paths");
    assertThat(DeclaredOptions.nearest("lnaes")).contains("lanes");
    assertThat(DeclaredOptions.nearest("max-rec")).contains("max-recorded-differences");
    assertThat(DeclaredOptions.nearest("xyz")).isEmpty();
    assertThat(DeclaredOptions.nearest("x".repeat(1_000_000))).isEmpty();
  }
}
