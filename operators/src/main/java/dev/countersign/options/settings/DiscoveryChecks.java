package dev.countersign.options.settings;

import dev.countersign.catalog.discovery.DiscoverySettings;
import dev.countersign.catalog.discovery.LayoutName;
import dev.countersign.options.DeclaredOption;
import dev.countersign.options.UsageException;
import dev.countersign.options.declarations.DiscoveryOptions;
import dev.countersign.options.declarations.LimitOptions;
import dev.countersign.options.declarations.OutputOptions;
import java.util.Locale;

/**
 * Refuses options of {@code catalog} that don't go together, and turns the others into settings.
 */
public final class DiscoveryChecks {

  private DiscoveryChecks() {}

  /**
   * Returns how models are found.
   *
   * @throws UsageException if two options don't go together, or a depth is missing
   */
  public static DiscoverySettings of(OptionValues values) {
    values.refuseTogether(
        DiscoveryOptions.DEPTH,
        DiscoveryOptions.MARKER,
        "models are told by their level or by their files.");
    LayoutName layout = layout(values);
    boolean byDepth = layout == LayoutName.DEPTH || layout == LayoutName.VERSIONS;
    if (values.isGiven(DiscoveryOptions.DEPTH) && !byDepth) {
      throw mismatch(DiscoveryOptions.DEPTH, layout, "it goes with depth and versions");
    }
    if (values.isGiven(DiscoveryOptions.MARKER) && layout != LayoutName.MARKERS) {
      throw mismatch(DiscoveryOptions.MARKER, layout, "it goes with markers");
    }
    int depth =
        layout == LayoutName.DEPTH
            ? values.require(DiscoveryOptions.DEPTH)
            : values.find(DiscoveryOptions.DEPTH).orElse(DiscoveryOptions.DEFAULT_VERSION_DEPTH);
    return new DiscoverySettings(
        layout,
        depth,
        values.get(DiscoveryOptions.MARKER),
        values.get(LimitOptions.MAX_DEPTH),
        values.get(OutputOptions.VERBOSE));
  }

  private static LayoutName layout(OptionValues values) {
    LayoutName layout = values.get(DiscoveryOptions.LAYOUT);
    if (layout != LayoutName.AUTO || values.isGiven(DiscoveryOptions.LAYOUT)) {
      return layout;
    }
    if (values.isGiven(DiscoveryOptions.DEPTH)) {
      return LayoutName.DEPTH;
    }
    return values.isGiven(DiscoveryOptions.MARKER) ? LayoutName.MARKERS : LayoutName.AUTO;
  }

  private static UsageException mismatch(
      DeclaredOption<?> option, LayoutName layout, String remedy) {
    return UsageException.of(
        "%s does not go with --layout %s: %s.",
        option.flag(), layout.name().toLowerCase(Locale.ROOT), remedy);
  }
}
