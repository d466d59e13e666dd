package dev.countersign.verification;

/**
 * Settings that are read again while a watch runs.
 *
 * @param atStart what was read when the run was started
 * @param source where to read them again
 */
public record RereadSettings(VerificationSettings atStart, SettingsSource source)
    implements VerificationSettings {}
