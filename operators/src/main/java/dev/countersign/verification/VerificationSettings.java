package dev.countersign.verification;

import java.io.Serializable;

/**
 * Whom the caller trusts to have signed. Holds nothing secret, and is shipped in the job: a
 * verifier is made of it where models are planned.
 */
public sealed interface VerificationSettings extends Serializable
    permits KeyVerificationSettings,
        CertificateVerificationSettings,
        OwnCertificateSettings,
        SigstoreVerificationSettings,
        PolicySettings,
        RereadSettings {}
