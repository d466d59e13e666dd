package dev.countersign.source.planning;

/** What signing does where a bundle lies already. */
public enum ExistingBundle {
  /** Replace it, as the reference client does. */
  REPLACE,
  /** Fail the model with {@code BUNDLE_EXISTS}. */
  REFUSE,
  /** Skip the model if the bundle is validly signed by this run's signer and no file is newer. */
  SKIP_IF_SIGNED
}
