package dev.countersign.jobs.terminal;

import dev.countersign.remedy.Setting;
import dev.countersign.remedy.Wording;

/** Words remedies for the command line, by flags. Made by {@link java.util.ServiceLoader}. */
public final class FlagWording implements Wording {

  @Override
  public String of(Setting setting) {
    return "--" + setting.key();
  }
}
