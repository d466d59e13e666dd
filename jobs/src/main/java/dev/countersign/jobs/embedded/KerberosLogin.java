package dev.countersign.jobs.embedded;

import dev.countersign.process.StoreLogin;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.IllegalConfigurationException;
import org.apache.flink.configuration.SecurityOptions;
import org.apache.flink.runtime.security.SecurityConfiguration;
import org.apache.flink.runtime.security.SecurityUtils;
import org.apache.flink.runtime.security.modules.HadoopModuleFactory;
import org.apache.flink.util.ExceptionUtils;

/**
 * Login of a run in this process, as Flink's own processes do it: by {@code security.kerberos.*} of
 * the configuration in {@code FLINK_CONF_DIR}, or by the ticket cache. Flink keeps renewing the
 * ticket of a keytab.
 */
public final class KerberosLogin {

  private static final String FOLDER = "FLINK_CONF_DIR";

  private KerberosLogin() {}

  /** Has this process log in before it uses HDFS. */
  public static void prepare(Map<String, String> environment) {
    StoreLogin.by(() -> install(environment.getOrDefault(FOLDER, "")));
  }

  private static void install(String folder) throws IOException {
    String principal = "";
    try {
      Configuration flink =
          folder.isBlank() ? new Configuration() : GlobalConfiguration.loadConfiguration(folder);
      principal = flink.getOptional(SecurityOptions.KERBEROS_LOGIN_PRINCIPAL).orElse("");
      // One process needs no tokens to pass on.
      flink.set(SecurityOptions.DELEGATION_TOKENS_ENABLED, false);
      SecurityUtils.install(
          new SecurityConfiguration(
              flink,
              flink.get(SecurityOptions.SECURITY_CONTEXT_FACTORY_CLASSES),
              List.of(HadoopModuleFactory.class.getName())));
    } catch (IllegalConfigurationException e) {
      throw new IOException(
          Message.of(
              "Flink's configuration in %s (%s) cannot be used: %s",
              Printable.of(folder), FOLDER, Printable.of(String.valueOf(e.getMessage()))),
          e);
    } catch (Exception e) {
      String what =
          principal.isEmpty()
              ? "this process cannot log in to Kerberos"
              : Message.of(
                  "%s cannot log in to Kerberos with the keytab that Flink's configuration in %s"
                      + " (%s) names",
                  Printable.of(principal), Printable.of(folder), FOLDER);
      throw new IOException(what + ": " + Printable.of(reason(e)), e);
    }
  }

  private static String reason(Throwable fault) {
    Throwable innermost = fault;
    while (innermost.getCause() != null) {
      innermost = innermost.getCause();
    }
    return ExceptionUtils.stringifyException(innermost).lines().findFirst().orElse("");
  }
}
