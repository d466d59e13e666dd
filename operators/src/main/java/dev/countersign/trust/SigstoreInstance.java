package dev.countersign.trust;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Instance of Sigstore, as the files that describe it. Contains no secret and is shipped with the
 * job; the files are parsed where they are used.
 *
 * @param trustedRoot keys and certificates of the instance: a trusted root, or a client trust
 *     config, which contains one
 * @param signingConfig addresses of the services that signing needs: a signing config, or a client
 *     trust config, which contains one; null if the run does not sign
 */
public record SigstoreInstance(SigstoreFile trustedRoot, @Nullable SigstoreFile signingConfig)
    implements Serializable {}
