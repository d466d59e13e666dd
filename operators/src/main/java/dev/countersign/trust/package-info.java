/**
 * What a verifier relies on: trust anchors, certificate chains, revocation lists and timestamps.
 *
 * <p>Chains are built and validated by the JDK's PKIX implementation, in which nothing is switched
 * on that fetches: whatever is not in the bundle and not given by the caller is not there. (Nothing
 * here can switch off {@code com.sun.security.enableAIAcaIssuers}, with which a JVM's owner makes
 * that implementation fetch issuers; it is off unless set.) Where its builder finds no chain,
 * {@code SignedRoutes} proposes others for its validator to judge. Bouncy Castle reads CMS,
 * timestamps and names; its JCA provider is not used, for the reason that {@code keys} gives.
 *
 * <p>May import, beside the JDK: {@code oms}, {@code keys}, {@code http}, Bouncy Castle.
 */
@NullMarked
@CheckReturnValue
package dev.countersign.trust;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
