package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.ValueType;
import java.util.List;

/** Options that let a run read only what has changed since an earlier one. */
public final class IncrementalOptions {

  /** Whether listings are kept. */
  public static final DeclaredOption<Boolean> RECORD_LISTINGS =
      DeclaredOption.of(
          key("record-listings").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.RUN,
          CommandSets.INCREMENTAL,
          "Keep a list of what was hashed, with each file's size, times, version and digest, in the"
              + " folder listings in that of --results, which this needs, for --since.");

  /** Where the listings of an earlier run are. */
  public static final DeclaredOption<String> SINCE =
      DeclaredOption.of(
          key("since").stringType().noDefaultValue(),
          ValueType.text("URI"),
          OptionGroup.RUN,
          CommandSets.INCREMENTAL,
          "Folder of results of an earlier run with --record-listings: files that the storage calls"
              + " unchanged since then are not read, and their digests are taken from there. That"
              + " trusts the storage and the folder. On a cluster: one that its job manager and"
              + " this machine reach.");

  static final List<DeclaredOption<?>> ALL = List.of(RECORD_LISTINGS, SINCE);

  private IncrementalOptions() {}
}
