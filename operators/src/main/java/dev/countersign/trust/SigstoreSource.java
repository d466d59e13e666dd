package dev.countersign.trust;

import dev.countersign.remedy.AdvisedException;
import java.io.Serializable;

/**
 * Source of the description of a Sigstore instance, which a watch reads again. Shipped in the job.
 */
public interface SigstoreSource extends Serializable {

  /**
   * Reads the description. Blocks while it is downloaded.
   *
   * @throws AdvisedException if it cannot be read or used
   */
  SigstoreInstance read() throws AdvisedException;

  /** Returns what the instance is read from, for a fingerprint; not how it is read. */
  Object identity();
}
