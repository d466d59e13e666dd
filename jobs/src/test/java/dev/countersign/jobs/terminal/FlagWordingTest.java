package dev.countersign.jobs.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.options.DeclaredOption;
import dev.countersign.options.declarations.DeclaredOptions;
import dev.countersign.remedy.Setting;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class FlagWordingTest {

  @ParameterizedTest
  @EnumSource
  void text_ofASetting_isADeclaredFlag(Setting setting) {
    assertThat(DeclaredOptions.all()).extracting(DeclaredOption::flag).contains(setting.toString());
  }
}
