package dev.countersign.jobs;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Another user of the machine, who tries each way into a Flink process that listens: HTTP, a job
 * submission and the protocol of the BLOB server, each in plain text, over TLS without a
 * certificate and over TLS with a foreign one. Needs nothing but the JDK, so that {@code .ci/ports}
 * can run this file as another account.
 */
public final class PortAttack {

  private static final String LISTENING = "0A";
  private static final int CONNECT_MILLIS = 2_000;
  private static final int ANSWER_MILLIS = 700;
  private static final int ANSWER_BYTES = 200;
  private static final String PASSWORD = "foreign";

  private static final Map<String, byte[]> REQUESTS = requests();

  private final SSLContext withoutCertificate;
  private final SSLContext withForeignCertificate;

  /**
   * Makes an attacker.
   *
   * @param folder where the attacker's own key store is written
   */
  public PortAttack(Path folder) throws IOException, InterruptedException {
    try {
      withoutCertificate = context(new KeyManager[0]);
      withForeignCertificate = context(foreignKey(folder.resolve("foreign.p12")));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * {@code ports PID} prints where a process listens; {@code attack FOLDER ADDRESS:PORT...} attacks
   * and prints each answer. The exit code of an attack is 1 if anything answered.
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("ports")) {
      listening(Long.parseLong(arguments[1]))
          .forEach(
              found ->
                  System.out.println(found.getAddress().getHostAddress() + ":" + found.getPort()));
      return;
    }
    PortAttack attack = new PortAttack(Path.of(arguments[1]));
    boolean answered = false;
    for (int i = 2; i < arguments.length; i++) {
      int colon = arguments[i].lastIndexOf(':');
      InetSocketAddress port =
          new InetSocketAddress(
              arguments[i].substring(0, colon),
              Integer.parseInt(arguments[i].substring(colon + 1)));
      for (String answer : attack.answers(port)) {
        answered = true;
        System.out.println(arguments[i] + " answers " + answer);
      }
    }
    if (answered) {
      System.exit(1);
    }
  }

  /** Returns the TCP addresses at which a process listens now, from its descriptors; Linux only. */
  public static Set<InetSocketAddress> listening(long pid) throws IOException {
    Path process = Path.of("/proc", String.valueOf(pid));
    Map<String, InetSocketAddress> listening = new HashMap<>();
    for (String table : List.of("net/tcp", "net/tcp6")) {
      for (String line : Files.readAllLines(process.resolve(table))) {
        String[] fields = line.strip().split("\\s+", -1);
        if (fields[3].equals(LISTENING)) {
          listening.put("socket:[" + fields[9] + "]", address(fields[1]));
        }
      }
    }
    Set<InetSocketAddress> own = new HashSet<>();
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path descriptor : descriptors) {
        try {
          InetSocketAddress found = listening.get(Files.readSymbolicLink(descriptor).toString());
          if (found != null) {
            own.add(found);
          }
        } catch (NoSuchFileException e) {
          // Closed meanwhile.
        }
      }
    }
    return own;
  }

  /** Four bytes at a time, each group in the order of the machine, which is little endian here. */
  private static InetSocketAddress address(String hex) throws IOException {
    int colon = hex.indexOf(':');
    byte[] address = new byte[colon / 2];
    for (int i = 0; i < address.length; i++) {
      int at = i / 4 * 4 + 3 - i % 4;
      address[i] = (byte) Integer.parseInt(hex, 2 * at, 2 * at + 2, 16);
    }
    return new InetSocketAddress(
        InetAddress.getByAddress(address), Integer.parseInt(hex, colon + 1, hex.length(), 16));
  }

  /**
   * Returns each way in which a port answers, with the beginning of the answer. A TLS alert is not
   * an answer, nor is the redirection to {@code https} with which Flink meets plain HTTP.
   */
  public List<String> answers(InetSocketAddress port) {
    List<String> answers = new ArrayList<>();
    REQUESTS.forEach(
        (name, request) -> {
          add(answers, name, () -> plain(port, request));
          add(answers, name + ", TLS", () -> tls(withoutCertificate, port, request));
          add(
              answers,
              name + ", TLS with a foreign certificate",
              () -> tls(withForeignCertificate, port, request));
        });
    return answers;
  }

  /** One way to ask; returns what came back. */
  private interface Question {
    byte[] ask() throws IOException;
  }

  private static void add(List<String> answers, String name, Question question) {
    byte[] answer;
    try {
      answer = question.ask();
    } catch (IOException e) {
      return;
    }
    boolean isAlert = answer.length > 1 && answer[0] == 0x15 && answer[1] == 0x03;
    String text = new String(answer, StandardCharsets.ISO_8859_1);
    boolean isRedirection = text.startsWith("HTTP/1.1 30") && text.contains("https://");
    if (answer.length > 0 && !isAlert && !isRedirection) {
      answers.add(name + ": " + text.lines().findFirst().orElse("").replaceAll("\\P{Print}", "?"));
    }
  }

  private static byte[] plain(InetSocketAddress port, byte[] request) throws IOException {
    try (Socket socket = new Socket()) {
      return exchange(socket, port, request);
    }
  }

  private static byte[] tls(SSLContext context, InetSocketAddress port, byte[] request)
      throws IOException {
    try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket()) {
      return exchange(socket, port, request);
    }
  }

  private static byte[] exchange(Socket socket, InetSocketAddress port, byte[] request)
      throws IOException {
    socket.connect(port, CONNECT_MILLIS);
    socket.setSoTimeout(ANSWER_MILLIS);
    socket.getOutputStream().write(request);
    socket.getOutputStream().flush();
    InputStream in = socket.getInputStream();
    byte[] answer = new byte[ANSWER_BYTES];
    int length = Math.max(0, in.read(answer));
    return Arrays.copyOf(answer, length);
  }

  private static Map<String, byte[]> requests() {
    Map<String, byte[]> requests = new LinkedHashMap<>();
    for (String path : List.of("/overview", "/config", "/jobmanager/config")) {
      requests.put("GET " + path, http("GET " + path, ""));
    }
    String part = "--x\r\nContent-Disposition: form-data; name=\"";
    String type = "Content-Type: application/octet-stream\r\n\r\n";
    requests.put(
        "POST /jobs",
        http(
            "POST /v1/jobs",
            part
                + "request\"\r\n\r\n"
                + "{\"jobGraphFileName\":\"graph\",\"jobJarFileNames\":[],"
                + "\"jobArtifactFileNames\":[]}\r\n"
                + part
                + "file_0\"; filename=\"graph\"\r\n"
                + type
                + "not a graph\r\n--x--\r\n"));
    requests.put(
        "POST /jars/upload",
        http(
            "POST /jars/upload",
            part + "jarfile\"; filename=\"a.jar\"\r\n" + type + "no jar\r\n--x--\r\n"));
    try {
      ByteArrayOutputStream put = new ByteArrayOutputStream();
      put.write(new byte[] {0, 0, 1}); // put, of no job, transient
      try (DataOutputStream out = new DataOutputStream(put)) {
        out.write(new byte[] {4, 0, 0, 0, 'b', 'l', 'o', 'b'});
        out.writeInt(-1);
      }
      requests.put("BLOB put", put.toByteArray());
      ByteArrayOutputStream get = new ByteArrayOutputStream();
      get.write(new byte[] {1, 0}); // get, of no job
      get.write(1); // transient
      get.write(new byte[20 + 16]); // digest and random part of a key
      requests.put("BLOB get", get.toByteArray());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return requests;
  }

  private static byte[] http(String line, String body) {
    return (line
            + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            + (body.isEmpty()
                ? ""
                : "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: "
                    + body.length()
                    + "\r\n")
            + "\r\n"
            + body)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static SSLContext context(KeyManager[] keys) throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, new TrustManager[] {new TrustsAnybody()}, null);
    return context;
  }

  private static KeyManager[] foreignKey(Path store)
      throws IOException, InterruptedException, GeneralSecurityException {
    if (!Files.exists(store)) {
      Process keytool =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                  "-genkeypair",
                  "-alias",
                  "foreign",
                  "-keyalg",
                  "EC",
                  "-dname",
                  "CN=foreign",
                  "-storetype",
                  "PKCS12",
                  "-storepass",
                  PASSWORD,
                  "-keystore",
                  store.toString())
              .redirectErrorStream(true)
              .start();
      String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (keytool.waitFor() != 0) {
        throw new IOException("keytool failed: " + said);
      }
    }
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, PASSWORD.toCharArray());
    return factory.getKeyManagers();
  }

  private static final class TrustsAnybody implements X509TrustManager {

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String method) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String method) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
