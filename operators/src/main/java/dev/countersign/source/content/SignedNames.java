package dev.countersign.source.content;

import dev.countersign.oms.IgnoreRules;
import dev.countersign.oms.Manifest;
import dev.countersign.oms.Resource;
import dev.countersign.storage.ModelListing;
import dev.countersign.storage.Storages;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a verified statement lists, by path; without what the caller ignores. */
public final class SignedNames {

  /** How release 1.1.1 of the reference client names the resource of a model that is a file. */
  private static final String LONE_FILE = ".";

  private final Map<String, List<Resource>> byPath;
  private final Set<String> folders;
  private final boolean lone;

  private SignedNames(Map<String, List<Resource>> byPath, Set<String> folders, boolean lone) {
    this.byPath = byPath;
    this.folders = folders;
    this.lone = lone;
  }

  public static SignedNames of(Manifest manifest, String model, IgnoreRules ignoredByCaller) {
    List<Resource> resources = manifest.resources();
    boolean lone = resources.stream().allMatch(resource -> resource.path().equals(LONE_FILE));
    Map<String, List<Resource>> byPath = new HashMap<>(resources.size() * 4 / 3 + 1);
    Set<String> folders = new HashSet<>();
    for (Resource resource : resources) {
      String path = lone ? Storages.baseName(model) : resource.path();
      if (ignoredByCaller.ignores(path)) {
        continue;
      }
      add(byPath, path, resource);
      for (int slash = path.lastIndexOf('/');
          slash > 0 && folders.add(path.substring(0, slash));
          slash = path.lastIndexOf('/', slash - 1)) {
        // Each folder above; once one is known, so are those above it.
      }
    }
    return new SignedNames(byPath, folders, lone);
  }

  /** Most files have one resource, which then takes no list that could grow. */
  private static void add(Map<String, List<Resource>> byPath, String path, Resource resource) {
    List<Resource> before = byPath.putIfAbsent(path, List.of(resource));
    if (before instanceof ArrayList<Resource> growing) {
      growing.add(resource);
    } else if (before != null) {
      List<Resource> growing = new ArrayList<>(before);
      growing.add(resource);
      byPath.put(path, growing);
    }
  }

  /** Whether {@code name} is signed, or a folder in which something is. */
  public boolean listsOrHolds(String name) {
    return byPath.containsKey(name) || folders.contains(name);
  }

  /**
   * The resources by path. A model that is a single file may have been renamed since it was signed:
   * its only resource goes with whatever the file is called. In a folder no file is called {@value
   * #LONE_FILE}.
   */
  public Map<String, List<Resource>> matching(ModelListing listing) {
    if (lone && !listing.singleFile() && !byPath.isEmpty()) {
      return Map.of(LONE_FILE, byPath.values().iterator().next());
    }
    if (!listing.singleFile() || byPath.size() != 1 || listing.files().size() != 1) {
      return byPath;
    }
    return Map.of(listing.files().get(0).name(), byPath.values().iterator().next());
  }
}
