package dev.countersign.signing;

import dev.countersign.http.HttpSettings;
import dev.countersign.trust.SigstoreInstance;
import dev.countersign.trust.SigstoreSource;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Signs with short-lived certificates of a Sigstore instance (method sigstore).
 *
 * @param token where the signer's identity token comes from
 * @param expected who the certificates must be for
 * @param instance whose services are used and trusted
 * @param log which of its logs records signatures
 * @param http how the services are called
 * @param limits what is asked of them at a time
 * @param again where a watch reads the instance again; null if it is not read again
 */
public record SigstoreSigningSettings(
    IdentityTokenSource token,
    ExpectedIdentity expected,
    SigstoreInstance instance,
    SigstoreLog log,
    HttpSettings http,
    SigningLimits limits,
    @Nullable SigstoreSource again)
    implements SigningSettings {

  /** Signs with an instance that is not read again. */
  public SigstoreSigningSettings(
      IdentityTokenSource token,
      ExpectedIdentity expected,
      SigstoreInstance instance,
      SigstoreLog log,
      HttpSettings http,
      SigningLimits limits) {
    this(token, expected, instance, log, http, limits, null);
  }

  /** Returns the same settings with an instance that is read again from a source. */
  public SigstoreSigningSettings readAgain(SigstoreSource source) {
    return new SigstoreSigningSettings(token, expected, instance, log, http, limits, source);
  }

  /** Returns the same settings with another description of the instance. */
  public SigstoreSigningSettings with(SigstoreInstance described) {
    return new SigstoreSigningSettings(token, expected, described, log, http, limits, again);
  }

  /**
   * Identity that the signer must have, as its certificate names it.
   *
   * @param identity the subject, such as an e-mail address or a URI; empty: any
   * @param provider URL of the identity provider; empty: any
   */
  public record ExpectedIdentity(String identity, String provider) implements Serializable {

    /** Whoever the token is for. */
    public static final ExpectedIdentity ANY = new ExpectedIdentity("", "");
  }

  @Override
  public List<Object> identity() {
    return List.of(
        "sigstore",
        token.file(),
        token.env(),
        expected.identity(),
        expected.provider(),
        // What is read again tells one command from another only by its name.
        again != null ? again.identity() : List.of(instance.trustedRoot().content()));
  }
}
