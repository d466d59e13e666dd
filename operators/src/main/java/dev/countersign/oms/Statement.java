package dev.countersign.oms;

/**
 * The signed text: an in-toto statement v1 with the predicate of OMS 1.0.
 *
 * <p>The same manifest always gives the same bytes, so a signer can tell that a payload is what it
 * would write itself.
 */
public final class Statement {

  /** The {@code _type} of an in-toto statement v1. */
  static final String TYPE = "https://in-toto.io/Statement/v1";

  /** The {@code predicateType}; nothing else is a statement of OMS 1.0 (§8.3). */
  public static final String PREDICATE_TYPE = "https://model_signing/signature/v1.0";

  private Statement() {}

  /**
   * Returns the statement about {@code manifest}, as compact JSON in UTF-8.
   *
   * @param shardAlgorithm how shards state their algorithm; of no matter for whole files
   * @throws OmsException of kind {@code TOO_LARGE} if it would have more than 2 GiB
   * @throws IllegalArgumentException if the manifest has no name, having been read from a {@link
   *     LegacyStatement}
   */
  public static byte[] write(Manifest manifest, ShardAlgorithm shardAlgorithm) throws OmsException {
    if (manifest.modelName().isEmpty()) {
      throw new IllegalArgumentException("a statement of OMS 1.0 names its model");
    }
    return StatementWriter.write(manifest, shardAlgorithm);
  }

  /**
   * Returns the manifest that the statement in {@code payload} speaks of, with its resources in the
   * order listed. Fields that OMS 1.0 does not know are passed over.
   *
   * @throws OmsException if a rule of JSON, in-toto or OMS is broken, a bound exceeded, or the
   *     subject's digest is not the manifest's root digest
   */
  public static Manifest read(byte[] payload, OmsBounds bounds) throws OmsException {
    return StatementReader.read(payload, bounds);
  }
}
