package dev.countersign.oms;

/**
 * The text that release 0.2.0 of the reference client signed, before OMS 1.0: an in-toto statement
 * v1 whose subjects are the model's files, and whose predicate says nothing.
 *
 * <p>It goes with that release's own signatures alone, and is read, never written.
 */
public final class LegacyStatement {

  /** The {@code predicateType}. */
  public static final String PREDICATE_TYPE = "https://model_signing/Digests/v0.1";

  private LegacyStatement() {}

  /**
   * Returns the manifest that the statement in {@code payload} speaks of: whole files by SHA-256 in
   * the order listed, without links, of a model without a name. No ignored paths are recorded.
   *
   * <p>Its root digest is ours: the statement has none that could be checked.
   *
   * @throws OmsException if a rule of JSON, in-toto or OMS is broken, or a bound exceeded
   */
  public static Manifest read(byte[] payload, OmsBounds bounds) throws OmsException {
    return LegacyStatementReader.read(payload, bounds);
  }
}
