package dev.countersign.signing;

import dev.countersign.oms.Bundle;
import dev.countersign.verification.CertifiedSigner;
import java.util.Optional;

/**
 * Bundle that was just signed.
 *
 * @param bundle the bundle
 * @param verified what a verifier says about its signer; empty if the bundle was not verified,
 *     since its method depends on no service
 */
public record SignedBundle(Bundle bundle, Optional<CertifiedSigner> verified) {}
