package dev.countersign.signing;

import java.io.Serializable;

/**
 * Where the identity token (OpenID Connect) of the signer comes from. Only the place is named here;
 * the token is read on the machine that signs, each time that it is needed.
 *
 * @param file a local file that holds the token; empty: no file
 * @param env an environment variable that holds it; empty: no variable; if there is no file either,
 *     the token comes from the environment that the process runs in, such as a CI service
 */
public record IdentityTokenSource(String file, String env) implements Serializable {

  /** The environment that the process runs in. */
  public static final IdentityTokenSource AMBIENT = new IdentityTokenSource("", "");
}
