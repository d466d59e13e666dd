package dev.countersign.catalog.discovery;

import dev.countersign.catalog.CatalogRow;
import dev.countersign.storage.Storages;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The cache of kagglehub: {@code models/OWNER/MODEL/FRAMEWORK/VARIATION/VERSION}, and beside a
 * version that was loaded to its end a file {@code VERSION.complete}. The folder that is searched
 * may be the cache, its {@code models}, or anything in that.
 */
final class KaggleLayout implements Layout {

  private static final String MODELS = "models";
  private static final String COMPLETE = ".complete";
  private static final int VARIATION = 4;
  private static final int VERSION = 5;

  /** Where owners are; empty as long as the root has not been seen. */
  private String base = "";

  @Override
  public List<String> labels() {
    return List.of("framework");
  }

  @Override
  public String expected() {
    return "folders OWNER/MODEL/FRAMEWORK/VARIATION/VERSION with a file VERSION.complete beside"
        + " them";
  }

  @Override
  public boolean looksInto(String uri, int depth) {
    return base.isEmpty() || level(uri) < VERSION;
  }

  @Override
  public boolean wantsFile(String name) {
    return name.endsWith(COMPLETE);
  }

  @Override
  public Verdict look(Folder folder, DiscoveryListener listener) {
    if (base.isEmpty()) {
      base = baseOf(folder);
    }
    int level = level(folder.uri());
    if (level < 0) {
      return Verdict.below(folder.folders().stream().filter(MODELS::equals).toList());
    }
    if (level < VARIATION) {
      return Verdict.below(folder.folders());
    }
    return level == VARIATION ? Verdict.below(complete(folder, listener)) : model(folder.uri());
  }

  /** Returns where owners are, as seen from the folder that is searched. */
  static String baseOf(Folder root) {
    String mark = "/kagglehub/" + MODELS;
    int inside = (root.uri() + "/").indexOf(mark + "/");
    if (inside >= 0) {
      return root.uri().substring(0, inside + mark.length());
    }
    return !root.name().equals(MODELS) && root.folders().contains(MODELS)
        ? Storages.child(root.uri(), MODELS)
        : root.uri();
  }

  /** Returns the versions in a variation's folder that were loaded to their end. */
  static List<String> complete(Folder variation) {
    return variation.folders().stream()
        .filter(version -> variation.files().contains(version + COMPLETE))
        .toList();
  }

  private static List<String> complete(Folder variation, DiscoveryListener listener) {
    List<String> complete = complete(variation);
    List<String> others = new ArrayList<>(variation.folders());
    others.removeAll(complete);
    for (String version : others) {
      listener.note(
          Message.of(
              "Left out: %s, which was not downloaded completely: there is no %s next to it.",
              Printable.of(Storages.child(variation.uri(), version)),
              Printable.of(version + COMPLETE)));
    }
    return complete;
  }

  private Verdict model(String uri) {
    String[] parts = uri.substring(base.length() + 1).split("/", -1);
    return Verdict.model(
        new CatalogRow(
            uri,
            String.join("/", List.of(parts).subList(0, VERSION - 1)),
            parts[VERSION - 1],
            Map.of("framework", parts[2])));
  }

  /** Returns how many levels a folder lies below the owners' folder; -1 if it lies above. */
  private int level(String uri) {
    if (uri.equals(base)) {
      return 0;
    }
    String prefix = Storages.child(base, "");
    return uri.startsWith(prefix)
        ? (int) uri.substring(prefix.length()).chars().filter(c -> c == '/').count() + 1
        : -1;
  }
}
