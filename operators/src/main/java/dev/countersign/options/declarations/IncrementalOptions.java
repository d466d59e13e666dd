package dev.countersign.options.declarations;

import static org.apache.flink.configuration.ConfigOptions.key;

import dev.countersign.options.CommandSets;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.OptionGroup;
import dev.countersign.options.ValueType;
import java.util.List;

/** Options for reading only what has changed since an earlier run. */
public final class IncrementalOptions {

  /** Whether listings are stored. */
  public static final DeclaredOption<Boolean> RECORD_LISTINGS =
      DeclaredOption.of(
          key("record-listings").booleanType().defaultValue(false),
          ValueType.SWITCH,
          OptionGroup.RUN,
          CommandSets.INCREMENTAL,
          "Store a list of what was hashed, for --since. It contains the size, times, version and"
              + " digest of each file and is written to the folder listings in --results, which is"
              + " required.");

  /** Results of the run whose digests are reused. */
  public static final DeclaredOption<String> SINCE =
      DeclaredOption.of(
          key("since").stringType().noDefaultValue(),
          ValueType.text("URI"),
          OptionGroup.RUN,
          CommandSets.INCREMENTAL,
          "Folder with the results of an earlier run with --record-listings. Files that the storage"
              + " reports as unchanged since then are not read; their digests are reused. This"
              + " trusts the storage and the folder. On a cluster, its job manager and this machine"
              + " must be able to reach the folder.");

  static final List<DeclaredOption<?>> ALL = List.of(RECORD_LISTINGS, SINCE);

  private IncrementalOptions() {}
}
