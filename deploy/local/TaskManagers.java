import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/**
 * Prints how many task managers are registered at the job manager of {@code cluster}, which answers
 * to nobody but holders of the cluster's key. The shell cannot ask: neither curl nor openssl need
 * be there. Run as {@code java TaskManagers.java CONFIG [NUMBER SECONDS]}; with a number, waits
 * until there are so many. The exit code is 1 if nobody answers, or too few came in time.
 */
final class TaskManagers {

  private static final Pattern REGISTERED = Pattern.compile("\"taskmanagers\":([0-9]+)");
  private static final int ANSWER_MILLIS = 5_000;
  private static final long PAUSE_MILLIS = 100;

  private TaskManagers() {}

  public static void main(String[] arguments) throws Exception {
    Map<String, String> settings = settings(Path.of(arguments[0]));
    int awaited = arguments.length == 1 ? -1 : Integer.parseInt(arguments[1]);
    long seconds = arguments.length == 1 ? 0 : Long.parseLong(arguments[2]);
    long deadline = System.nanoTime() + seconds * 1_000_000_000L;
    boolean isSecured = Boolean.parseBoolean(settings.get("security.ssl.rest.enabled"));
    URL overview = new URL(isSecured ? "https" : "http", "127.0.0.1", port(settings), "/overview");
    SSLSocketFactory sockets = isSecured ? sockets(settings) : null;
    while (true) {
      int registered = registered(overview, sockets);
      if (registered >= 0 && (awaited < 0 || registered == awaited)) {
        System.out.println(registered);
        return;
      }
      if (System.nanoTime() >= deadline) {
        System.exit(1);
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /** Returns -1 if nobody answers. */
  private static int registered(URL overview, SSLSocketFactory sockets) {
    try {
      HttpURLConnection connection = (HttpURLConnection) overview.openConnection();
      if (connection instanceof HttpsURLConnection) {
        ((HttpsURLConnection) connection).setSSLSocketFactory(sockets);
      }
      connection.setConnectTimeout(ANSWER_MILLIS);
      connection.setReadTimeout(ANSWER_MILLIS);
      try (InputStream body = connection.getInputStream()) {
        Matcher found = REGISTERED.matcher(new String(body.readAllBytes(), StandardCharsets.UTF_8));
        return found.find() ? Integer.parseInt(found.group(1)) : -1;
      }
    } catch (IOException e) {
      return -1;
    }
  }

  private static int port(Map<String, String> settings) {
    return Integer.parseInt(settings.get("rest.port"));
  }

  private static SSLSocketFactory sockets(Map<String, String> settings)
      throws IOException, GeneralSecurityException {
    char[] password = settings.get("security.ssl.rest.keystore-password").toCharArray();
    KeyStore key = KeyStore.getInstance("PKCS12");
    try (InputStream in =
        Files.newInputStream(Path.of(settings.get("security.ssl.rest.keystore")))) {
      key.load(in, password);
    }
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(key, password);
    TrustManagerFactory trusted =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusted.init(key);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
    return context.getSocketFactory();
  }

  private static Map<String, String> settings(Path file) throws IOException {
    Map<String, String> settings = new HashMap<>();
    for (String line : Files.readAllLines(file)) {
      int colon = line.indexOf(": ");
      if (colon > 0 && !line.startsWith("#")) {
        settings.put(line.substring(0, colon), line.substring(colon + 2).strip());
      }
    }
    return settings;
  }
}
