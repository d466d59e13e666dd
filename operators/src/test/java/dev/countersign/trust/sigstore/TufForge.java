package dev.countersign.trust.sigstore;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import com.sun.net.httpserver.HttpServer;
import dev.countersign.oms.Sha256;
import dev.sigstore.json.canonicalizer.JsonCanonicalizer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * TUF repository on loopback with a key for each role, which may publish what it should not.
 *
 * <p>Callers set what the next {@link #publish} states, and may replace served files after it.
 */
final class TufForge implements AutoCloseable {

  private static final List<String> ROLES = List.of("root", "timestamp", "snapshot", "targets");

  final Map<String, byte[]> served = new ConcurrentHashMap<>();
  final Map<String, byte[]> targets = new HashMap<>();
  final Map<String, Integer> versions = new HashMap<>();
  final Map<String, Instant> expires = new HashMap<>();

  /** Whose key signs a role; its own if not set. */
  final Map<String, KeyPair> signers = new HashMap<>();

  /** What a role's metadata says its role is; its own name if not set. */
  final Map<String, String> types = new HashMap<>();

  /** Runs before each answer. */
  volatile Runnable onRequest = () -> {};

  private final Map<String, KeyPair> keys = new HashMap<>();
  private final HttpServer server;

  TufForge(Instant now) throws IOException {
    for (String role : ROLES) {
      keys.put(role, newKey());
      versions.put(role, 1);
      expires.put(role, now.plusSeconds(86_400 * 30));
    }
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          onRequest.run();
          byte[] file = served.get(exchange.getRequestURI().getPath().substring(1));
          exchange.sendResponseHeaders(file == null ? 404 : 200, file == null ? -1 : file.length);
          if (file != null) {
            exchange.getResponseBody().write(file);
          }
          exchange.close();
        });
    server.start();
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  static KeyPair newKey() {
    try {
      return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  KeyPair key(String role) {
    return keys.get(role);
  }

  /** Replaces a role's key, which the next root states. */
  void rotate(String role) {
    keys.put(role, newKey());
  }

  /** Signs and serves all metadata and files. */
  void publish() {
    StringBuilder files = new StringBuilder();
    targets.forEach(
        (name, content) -> {
          String digest = sha256(content);
          served.put("targets/" + digest + "." + name, content);
          files.append(files.isEmpty() ? "" : ",").append('"').append(name).append("\":");
          files.append(
              text("{\"length\":%d,\"hashes\":{\"sha256\":\"%s\"}}", content.length, digest));
        });
    serve("targets", versions.get("targets") + ".targets.json", "\"targets\":{" + files + "}");
    serve("snapshot", versions.get("snapshot") + ".snapshot.json", meta("targets.json", "targets"));
    serve("timestamp", "timestamp.json", meta("snapshot.json", "snapshot"));
    served.put(versions.get("root") + ".root.json", root().getBytes(UTF_8));
  }

  /** Returns the root metadata as it would be published now. */
  String root() {
    StringBuilder roles = new StringBuilder();
    StringBuilder publicKeys = new StringBuilder();
    for (String role : ROLES) {
      String comma = roles.isEmpty() ? "" : ",";
      roles.append(text("%s\"%s\":{\"keyids\":[\"%s\"],\"threshold\":1}", comma, role, id(role)));
      publicKeys.append(
          text(
              "%s\"%s\":{\"keyid_hash_algorithms\":[\"sha256\"],\"keytype\":\"ed25519\","
                  + "\"scheme\":\"ed25519\",\"keyval\":{\"public\":\"%s\"}}",
              comma, id(role), publicKey(keys.get(role))));
    }
    return signed(
        "root",
        text("\"consistent_snapshot\":true,\"keys\":{%s},\"roles\":{%s}", publicKeys, roles));
  }

  @FormatMethod
  private static String text(@FormatString String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }

  private String meta(String name, String role) {
    return text("\"meta\":{\"%s\":{\"version\":%d}}", name, versions.get(role));
  }

  private void serve(String role, String name, String fields) {
    served.put(name, signed(role, fields).getBytes(UTF_8));
  }

  private String signed(String role, String fields) {
    String metadata =
        text(
            "{\"_type\":\"%s\",\"spec_version\":\"1.0\",\"version\":%d,\"expires\":\"%s\",%s}",
            types.getOrDefault(role, role), versions.get(role), expires.get(role), fields);
    KeyPair signer = signers.getOrDefault(role, keys.get(role));
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(signer.getPrivate());
      signature.update(new JsonCanonicalizer(metadata).getEncodedUTF8());
      return text(
          "{\"signatures\":[{\"keyid\":\"%s\",\"sig\":\"%s\"}],\"signed\":%s}",
          id(types.getOrDefault(role, role)), HexFormat.of().formatHex(signature.sign()), metadata);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private String id(String role) {
    return sha256(keys.get(role).getPublic().getEncoded());
  }

  private static String publicKey(KeyPair key) {
    byte[] der = key.getPublic().getEncoded();
    return HexFormat.of().formatHex(der, der.length - 32, der.length);
  }

  private static String sha256(byte[] content) {
    return HexFormat.of().formatHex(Sha256.digest(content));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
