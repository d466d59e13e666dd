package dev.countersign.stage;

import dev.countersign.outcome.ModelFailure;
import dev.countersign.schemas.AssembledModel;
import dev.countersign.schemas.ModelHeader;
import dev.countersign.schemas.ModelResult;
import dev.countersign.schemas.Operation;
import dev.countersign.schemas.StatementCut;
import org.jspecify.annotations.Nullable;

/** What comes before the signature over a model that may have been signed before. */
final class Resigning {

  private Resigning() {}

  /**
   * Requires that the model is what was signed before, if it is to be signed again; says in the
   * result who had signed it, and nothing of that signer any more in the fields of the present one.
   *
   * @throws ModelFailure if it is not: then the result speaks of the previous bundle, as that of a
   *     verification does
   */
  static void check(AssembledModel model, ModelResult result) throws ModelFailure {
    if (result.getOperation() != Operation.RESIGN) {
      return;
    }
    ModelHeader header = model.getHeader();
    try {
      ContentCheck.requireSame(model, result);
    } catch (ModelFailure differs) {
      restore(header.getPreviousCut(), result);
      throw differs;
    }
    result.setPreviousSigner(header.getPreviousSigner());
    result.setCertificate(null);
    result.setTimestamp(null);
  }

  private static void restore(@Nullable StatementCut cut, ModelResult result) {
    if (cut != null) {
      result.setHashType(cut.getHashType());
      result.setSerialization(cut.getMethod());
      result.setShardSize(cut.getShardSize());
    }
  }
}
