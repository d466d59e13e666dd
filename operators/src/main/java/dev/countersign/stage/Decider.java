package dev.countersign.stage;

import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.ModelResult;
import dev.countersign.sink.WritePermit;

/** Decides about models once all of them is known, many at a time. Thread safe. */
@FunctionalInterface
interface Decider extends AutoCloseable {

  /**
   * Sets the outcome of {@code result}, which is filled as far as {@code model} is known.
   *
   * @param permit without it, nothing is written any more
   * @throws Exception for whatever goes wrong with this model; it becomes a failed result
   */
  void decide(AssembledModel model, ModelResult result, WritePermit permit) throws Exception;

  /** Lets go of what the decider was made with. */
  @Override
  default void close() {}
}
