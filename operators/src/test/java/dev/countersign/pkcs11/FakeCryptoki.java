package dev.countersign.pkcs11;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * A module with one token that holds one P-256 key and fails as it is told. It checks that no
 * session is used by two threads at once.
 */
final class FakeCryptoki implements Cryptoki {

  static final long CKF_LOGIN_REQUIRED = 0x4;
  static final long CKF_USER_PIN_FINAL_TRY = 0x20000;
  static final long CKF_USER_PIN_LOCKED = 0x40000;
  private static final long CKF_TOKEN_INITIALIZED = 0x400;
  private static final long PRIVATE = 10;
  private static final long PUBLIC = 11;

  final AtomicInteger logins = new AtomicInteger();
  final AtomicInteger signatures = new AtomicInteger();
  final AtomicInteger openings = new AtomicInteger();
  final Set<Long> sessions = ConcurrentHashMap.newKeySet();
  final AtomicInteger mostSessions = new AtomicInteger();
  volatile int maxSessions = Integer.MAX_VALUE;
  volatile long flags = CKF_LOGIN_REQUIRED;
  volatile String pin = "5678";
  volatile Optional<CryptokiException> signing = Optional.empty();
  volatile boolean asksEachTime;
  volatile long signMillis;
  final AtomicInteger wrongPins = new AtomicInteger();

  /**
   * Calls that wait here until it is open: those of logins, signatures, or the ends of sessions.
   */
  volatile CountDownLatch loginGate = new CountDownLatch(0);

  volatile CountDownLatch signGate = new CountDownLatch(0);

  volatile CountDownLatch closeGate = new CountDownLatch(0);

  /** Function that fails by a fault of the binding. */
  volatile String faulty = "";

  /** The next session that is opened waits until it is open. */
  final AtomicReference<CountDownLatch> nextOpenGate = new AtomicReference<>(new CountDownLatch(0));

  private final String label;
  private final KeyPair pair;
  private final Set<Long> inUse = ConcurrentHashMap.newKeySet();

  /** Sessions whose operation a failure left active. */
  private final Set<Long> active = ConcurrentHashMap.newKeySet();

  private final AtomicInteger nextSession = new AtomicInteger(1);
  private volatile boolean loggedIn;

  FakeCryptoki(String label) throws GeneralSecurityException {
    this.label = label;
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    this.pair = generator.generateKeyPair();
  }

  /** Where the token is in the eyes of this process; each label is another. */
  String file() {
    return "/fake/" + label + ".so";
  }

  @Override
  public Library library() {
    return new Library("Fake", "A fake", "1.0");
  }

  @Override
  public List<Long> slots() {
    return List.of(7L);
  }

  @Override
  public Slot slot(long slot) {
    return new Slot("Fake", "Slot");
  }

  @Override
  public TokenInfo token(long slot) {
    return new TokenInfo(label, "Fake", "Model", "1", flags | CKF_TOKEN_INITIALIZED);
  }

  @Override
  public long openSession(long slot) throws CryptokiException {
    openings.incrementAndGet();
    requireNoFault("openSession");
    pass(nextOpenGate.getAndSet(new CountDownLatch(0)));
    if (sessions.size() >= maxSessions) {
      throw new CryptokiException(CryptokiException.CKR_SESSION_COUNT, "CKR_SESSION_COUNT");
    }
    long session = nextSession.getAndIncrement();
    sessions.add(session);
    mostSessions.accumulateAndGet(sessions.size(), Math::max);
    return session;
  }

  @Override
  public void closeSession(long session) {
    pass(closeGate);
    requireNoFault("closeSession");
    sessions.remove(session);
    if (sessions.isEmpty()) {
      loggedIn = false;
    }
  }

  @Override
  public void login(long session, char[] given) throws CryptokiException {
    logins.incrementAndGet();
    pass(loginGate);
    if (!new String(given).equals(pin)) {
      wrongPins.incrementAndGet();
      throw new CryptokiException(CryptokiException.CKR_PIN_INCORRECT, "CKR_PIN_INCORRECT");
    }
    if (loggedIn) {
      throw new CryptokiException(
          CryptokiException.CKR_USER_ALREADY_LOGGED_IN, "CKR_USER_ALREADY_LOGGED_IN");
    }
    loggedIn = true;
  }

  @Override
  public List<Long> find(
      long session, long objectClass, Optional<byte[]> wanted, Optional<byte[]> id, int limit) {
    if (objectClass == CKO_PUBLIC_KEY) {
      return List.of(PUBLIC);
    }
    return objectClass == CKO_PRIVATE_KEY && isShown() ? List.of(PRIVATE) : List.of();
  }

  private boolean isShown() {
    return loggedIn || (flags & CKF_LOGIN_REQUIRED) == 0;
  }

  @Override
  public Optional<byte[]> bytes(long session, long object, long attribute) {
    SubjectPublicKeyInfo key = SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded());
    try {
      if (attribute == CKA_LABEL) {
        return Optional.of("k1".getBytes(StandardCharsets.UTF_8));
      } else if (attribute == CKA_EC_PARAMS) {
        return Optional.of(key.getAlgorithm().getParameters().toASN1Primitive().getEncoded());
      } else if (attribute == CKA_EC_POINT && object == PUBLIC) {
        // Without the OCTET STRING that the standard wants, as some modules have it.
        return Optional.of(key.getPublicKeyData().getBytes());
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public Optional<Long> number(long session, long object, long attribute) {
    if (attribute == CKA_ALWAYS_AUTHENTICATE) {
      return Optional.of(asksEachTime ? 1L : 0L);
    }
    return attribute == CKA_KEY_TYPE ? Optional.of(CKK_EC) : Optional.empty();
  }

  @Override
  public byte[] sign(long session, long mechanism, long key, byte[] data, Optional<char[]> again)
      throws CryptokiException {
    if (!sessions.contains(session) || !inUse.add(session)) {
      throw new CryptokiException(0xB5, "CKR_SESSION_PARALLEL_NOT_SUPPORTED");
    }
    try {
      signatures.incrementAndGet();
      pass(signGate);
      if (active.contains(session)) {
        throw new CryptokiException(CryptokiException.CKR_OPERATION_ACTIVE, "CKR_OPERATION_ACTIVE");
      }
      if (!isShown()) {
        throw new CryptokiException(
            CryptokiException.CKR_USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN");
      }
      if (again.isPresent()) {
        if (!new String(again.get()).equals(pin)) {
          wrongPins.incrementAndGet();
          throw new CryptokiException(CryptokiException.CKR_PIN_INCORRECT, "CKR_PIN_INCORRECT");
        }
      } else if (asksEachTime) {
        throw new CryptokiException(
            CryptokiException.CKR_USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN");
      }
      if (signing.isPresent()) {
        active.add(session);
        throw signing.get();
      }
      Thread.sleep(signMillis);
      Signature signature = Signature.getInstance("NONEwithECDSAinP1363Format");
      signature.initSign(pair.getPrivate());
      signature.update(data);
      return signature.sign();
    } catch (GeneralSecurityException | InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      inUse.remove(session);
    }
  }

  private void requireNoFault(String function) {
    if (faulty.equals(function)) {
      throw new IllegalStateException(function);
    }
  }

  private static void pass(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
