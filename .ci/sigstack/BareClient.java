import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampResponse;

/**
 * The least that keyless signing takes, to compare a rate with: one certificate, and for each
 * payload a signature, a timestamp and an entry in Rekor v2.
 *
 * <pre>java -cp countersign.jar BareClient.java FOLDER TOKEN COUNT IN_FLIGHT PAYLOAD_BYTES</pre>
 *
 * It prints signatures a second, from before the certificate to the last entry.
 */
final class BareClient {

  private static final Base64.Encoder BASE64 = Base64.getEncoder();
  private static final Pattern CERTIFICATE =
      Pattern.compile("-----BEGIN CERTIFICATE-----(.*?)-----END", Pattern.DOTALL);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Integer> ports = new HashMap<>();
  private final KeyPair keys;
  private final String certificate;

  private BareClient(Path folder, String token) throws Exception {
    for (String line : Files.readAllLines(folder.resolve("ports.env"))) {
      ports.put(
          line.substring(0, line.indexOf('=')),
          Integer.valueOf(line.substring(line.indexOf('=') + 1)));
    }
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    keys = generator.generateKeyPair();
    certificate = certificate(token);
  }

  public static void main(String[] arguments) throws Exception {
    int count = Integer.parseInt(arguments[2]);
    byte[] payload = new byte[Integer.parseInt(arguments[4])];
    long start = System.nanoTime();
    BareClient client = new BareClient(Path.of(arguments[0]), arguments[1]);
    ExecutorService threads = Executors.newFixedThreadPool(Integer.parseInt(arguments[3]));
    List<Future<?>> pending = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pending.add(
          threads.submit(
              () -> {
                client.sign(payload.clone());
                return null;
              }));
    }
    for (Future<?> one : pending) {
      one.get();
    }
    threads.shutdown();
    System.out.printf("%.1f%n", count * 1e9 / (System.nanoTime() - start));
  }

  private void sign(byte[] payload) throws Exception {
    // No two are alike, as no two models are.
    random.nextBytes(payload);
    byte[] signature = signature(payload);
    TimeStampRequestGenerator generator = new TimeStampRequestGenerator();
    generator.setCertReq(true);
    var request =
        generator.generate(TSPAlgorithms.SHA256, sha256(signature), new BigInteger(64, random));
    byte[] stamp =
        post("TSA", "/api/v1/timestamp", "application/timestamp-query", request.getEncoded());
    new TimeStampResponse(stamp).validate(request);
    String entry =
        """
        {"hashedRekordRequestV002":{"digest":"%s","signature":{"content":"%s","verifier":
        {"x509Certificate":{"rawBytes":"%s"},"keyDetails":"PKIX_ECDSA_P256_SHA_256"}}}}\
        """
            .formatted(
                BASE64.encodeToString(sha256(payload)),
                BASE64.encodeToString(signature),
                certificate);
    post("REKOR", "/api/v2/log/entries", "application/json", entry.getBytes(UTF_8));
  }

  /** Returns the certificate in base64 of its DER. */
  private String certificate(String token) throws Exception {
    String claims = new String(Base64.getUrlDecoder().decode(token.split("\\.")[1]), UTF_8);
    String subject = claims.replaceFirst(".*\"sub\": ?\"([^\"]*)\".*", "$1");
    String pem =
        "-----BEGIN PUBLIC KEY-----\\n"
            + BASE64.encodeToString(keys.getPublic().getEncoded())
            + "\\n-----END PUBLIC KEY-----\\n";
    String request =
        """
        {"credentials":{"oidcIdentityToken":"%s"},"publicKeyRequest":{"publicKey":
        {"algorithm":"ECDSA","content":"%s"},"proofOfPossession":"%s"}}\
        """
            .formatted(token, pem, BASE64.encodeToString(signature(subject.getBytes(UTF_8))));
    byte[] answer =
        post("FULCIO", "/api/v2/signingCert", "application/json", request.getBytes(UTF_8));
    Matcher found = CERTIFICATE.matcher(new String(answer, UTF_8));
    if (!found.find()) {
      throw new IOException("no certificate: " + new String(answer, UTF_8));
    }
    return found.group(1).replace("\\n", "").strip();
  }

  private byte[] post(String service, String path, String type, byte[] body) throws Exception {
    URI address = URI.create("http://127.0.0.1:" + ports.get(service) + path);
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .header("Content-Type", type)
            .header("Accept", type.replace("query", "reply"))
            .POST(BodyPublishers.ofByteArray(body))
            .build();
    var answer = http.send(request, BodyHandlers.ofByteArray());
    if (answer.statusCode() / 100 != 2) {
      throw new IOException(
          address + ": " + answer.statusCode() + " " + new String(answer.body(), UTF_8));
    }
    return answer.body();
  }

  private byte[] signature(byte[] data) throws Exception {
    Signature signing = Signature.getInstance("SHA256withECDSA");
    signing.initSign(keys.getPrivate());
    signing.update(data);
    return signing.sign();
  }

  private static byte[] sha256(byte[] data) throws Exception {
    return MessageDigest.getInstance("SHA-256").digest(data);
  }
}
