package dev.countersign.signing;

import dev.countersign.http.HttpSettings;
import dev.countersign.trust.SigstoreInstance;
import java.io.Serializable;
import java.util.List;

/**
 * Signs with short-lived certificates of a Sigstore instance (method sigstore).
 *
 * @param token where the signer's identity token comes from
 * @param expected who the certificates must be for
 * @param instance whose services are used and trusted
 * @param log which of its logs records signatures
 * @param http how the services are called
 * @param limits what is asked of them at a time
 */
public record SigstoreSigningSettings(
    IdentityTokenSource token,
    ExpectedIdentity expected,
    SigstoreInstance instance,
    SigstoreLog log,
    HttpSettings http,
    SigningLimits limits)
    implements SigningSettings {

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
        List.of(instance.trustedRoot().content()));
  }
}
