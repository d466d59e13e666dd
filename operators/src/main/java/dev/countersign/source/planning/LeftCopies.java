package dev.countersign.source.planning;

import dev.countersign.schemas.Operation;
import dev.countersign.storage.ReplacedNames;
import dev.countersign.storage.StorageException;
import dev.countersign.storage.Storages;
import dev.countersign.text.Printable;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies of replaced bundles in a model that is listed to be signed or digested: they are no part
 * of it. Those that other runs left, which were killed and never resumed, are deleted when the
 * model is signed. Not thread safe.
 */
final class LeftCopies {

  private static final Logger LOG = LoggerFactory.getLogger(LeftCopies.class);

  private final String model;
  private final PlanSettings settings;
  private final List<String> left = new ArrayList<>();

  LeftCopies(String model, PlanSettings settings) {
    this.model = model;
    this.settings = settings;
  }

  /**
   * Whether a regular file in the model is such a copy. Whoever verifies sees all that is not
   * signed.
   */
  boolean hold(String name) {
    if (settings.operation() == Operation.VERIFY || !ReplacedNames.isReplaced(name)) {
      return false;
    }
    if (!ReplacedNames.isReplacedBy(name, settings.runId())) {
      left.add(Storages.child(model, name));
    }
    return true;
  }

  /** Deletes those of other runs that were seen; what cannot be deleted is somebody else's. */
  void delete() {
    if (settings.operation() == Operation.DIGEST) {
      return;
    }
    for (String uri : left) {
      try {
        Storages.forUri(uri).delete(uri);
      } catch (StorageException e) {
        LOG.warn("{} was left by another run and cannot be deleted", Printable.of(uri), e);
      }
    }
  }
}
