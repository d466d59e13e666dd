package dev.countersign.catalog.discovery;

import dev.countersign.catalog.CatalogRow;
import dev.countersign.storage.StorageException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What MLflow keeps on disk: a folder that holds a file {@code MLmodel} is a model, be it a run's
 * ({@code EXPERIMENT/RUN/artifacts/...}), a logged one of MLflow 3 ({@code
 * EXPERIMENT/models/m-ID/artifacts}), on a server's side of it ({@code mlartifacts}), or one that
 * was copied to {@code models/NAME/version-N}. Names and versions come from the registry, if one
 * lies there.
 */
final class MlflowLayout implements Layout {

  private static final String MARKER = "MLmodel";
  private static final Pattern VERSION_FOLDER =
      Pattern.compile("(?:.*/)?models/([^/]+)/version-([0-9]+)", Pattern.DOTALL);

  private Map<MlflowRegistry.Place, MlflowRegistry.Registration> registered = Map.of();

  @Override
  public List<String> labels() {
    return List.of("run_id", "model_id");
  }

  @Override
  public String expected() {
    return "folders that hold a file named MLmodel";
  }

  @Override
  public void begin(String root, DiscoveryListener listener) throws StorageException {
    registered = MlflowRegistry.read(root, listener);
  }

  @Override
  public boolean wantsFile(String name) {
    return name.equals(MARKER);
  }

  @Override
  public Verdict look(Folder folder, DiscoveryListener listener) {
    if (folder.files().isEmpty()) {
      return Verdict.below(folder.folders());
    }
    Map<String, String> labels = new LinkedHashMap<>();
    Optional<MlflowRegistry.Place> place = MlflowRegistry.Place.of(folder.uri());
    place.ifPresent(found -> labels.put(found.isRun() ? "run_id" : "model_id", found.id()));
    MlflowRegistry.Registration registration = place.map(registered::get).orElse(null);
    if (registration != null) {
      return Verdict.model(
          new CatalogRow(folder.uri(), registration.name(), registration.version(), labels));
    }
    Matcher version = VERSION_FOLDER.matcher(folder.uri());
    if (version.matches()) {
      return Verdict.model(
          new CatalogRow(folder.uri(), version.group(1), version.group(2), labels));
    }
    return Verdict.model(new CatalogRow(folder.uri(), folder.label(), "", labels));
  }
}
