package dev.countersign.trust;

import java.security.cert.X509Certificate;
import java.time.Instant;

/**
 * What a trusted timestamp authority said: that a signature was there.
 *
 * @param time when it was there already, by the authority's clock
 * @param authority the certificate that signed the timestamp
 * @param anchor the certificate that the caller trusts, and with it the authority
 */
public record VerifiedTimestamp(Instant time, X509Certificate authority, X509Certificate anchor) {}
