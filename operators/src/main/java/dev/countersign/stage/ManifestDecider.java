package dev.countersign.stage;

import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.ModelResult;

/** What is done with a model once all of it is known. */
@FunctionalInterface
interface ManifestDecider {

  /**
   * Sets the outcome of {@code result}, which is filled as far as {@code model} is known.
   *
   * @throws Exception for whatever goes wrong with this model; it becomes a failed result
   */
  void finish(AssembledModel model, ModelResult result) throws Exception;
}
