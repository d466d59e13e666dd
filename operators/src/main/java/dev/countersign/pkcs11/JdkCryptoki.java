package dev.countersign.pkcs11;

import dev.countersign.remedy.Remedy;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A module that is loaded through the JDK's binding, {@code sun.security.pkcs11.wrapper}. The
 * package is not exported, so it is called by reflection, and who starts the JVM exports it: the
 * program's jar does so in its manifest. The JDK initializes each module once and never ends it.
 */
final class JdkCryptoki implements Cryptoki {

  private static final String JDK_MODULE = "jdk.crypto.cryptoki";
  private static final String PACKAGE = "sun.security.pkcs11.wrapper";

  private static final long CKF_OS_LOCKING_OK = 2;
  private static final long CKF_SERIAL_SESSION = 4;
  private static final long CKU_USER = 1;
  private static final long CKU_CONTEXT_SPECIFIC = 2;
  private static final long CKA_CLASS = 0;
  private static final long CKR_CANT_LOCK = 0xA;
  private static final long CKR_ATTRIBUTE_SENSITIVE = 0x11;
  private static final long CKR_ATTRIBUTE_TYPE_INVALID = 0x12;

  private static final List<String> FUNCTIONS =
      List.of(
          "C_GetInfo",
          "C_GetSlotList",
          "C_GetSlotInfo",
          "C_GetTokenInfo",
          "C_OpenSession",
          "C_CloseSession",
          "C_Login",
          "C_FindObjectsInit",
          "C_FindObjects",
          "C_FindObjectsFinal",
          "C_GetAttributeValue",
          "C_SignInit",
          "C_Sign");

  /** By name; each takes an array of arguments. */
  private final Map<String, MethodHandle> functions = new HashMap<>();

  private final MethodHandle mechanism;

  private JdkCryptoki(Class<?> binding, Object module) {
    try {
      for (Method method : binding.getMethods()) {
        if (FUNCTIONS.contains(method.getName())) {
          functions.put(
              method.getName(), generic(MethodHandles.lookup().unreflect(method).bindTo(module)));
        }
      }
      mechanism =
          generic(
              MethodHandles.lookup()
                  .unreflectConstructor(type("CK_MECHANISM").getConstructor(long.class)));
    } catch (ReflectiveOperationException e) {
      throw unknownJdk(e);
    }
    if (!functions.keySet().containsAll(FUNCTIONS)) {
      throw unknownJdk(new NoSuchMethodException("Of " + FUNCTIONS + " there are " + functions));
    }
  }

  private static MethodHandle generic(MethodHandle handle) {
    return handle
        .asSpreader(Object[].class, handle.type().parameterCount())
        .asType(MethodType.methodType(Object.class, Object[].class));
  }

  /**
   * Loads a module, or returns it if this process has it.
   *
   * @param file its shared library, links resolved
   * @throws Pkcs11Exception if it is not a module, or this JVM does not let it be loaded
   */
  static Cryptoki load(Path file) throws Pkcs11Exception {
    Class<?> binding = binding();
    try {
      try {
        return new JdkCryptoki(binding, instance(binding, file, true));
      } catch (CryptokiException e) {
        if (!e.is(CKR_CANT_LOCK)) {
          throw e;
        }
        return new JdkCryptoki(binding, instance(binding, file, false));
      }
    } catch (IOException | CryptokiException e) {
      throw new Pkcs11Exception(
          Message.of(
              "The file %s cannot be loaded as a PKCS#11 module (%s).",
              Printable.of(file.toString()), Printable.of(String.valueOf(e.getMessage()))),
          Remedy.text("Name the shared library of the token's maker with module-path."),
          e);
    }
  }

  private static Object instance(Class<?> binding, Path file, boolean locking)
      throws CryptokiException, IOException {
    try {
      Class<?> arguments = type("CK_C_INITIALIZE_ARGS");
      Object given = null;
      if (locking) {
        given = arguments.getConstructor().newInstance();
        arguments.getField("flags").setLong(given, CKF_OS_LOCKING_OK);
      }
      return binding
          .getMethod("getInstance", String.class, String.class, arguments, boolean.class)
          .invoke(null, file.toString(), "C_GetFunctionList", given, false);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IOException notAModule) {
        throw notAModule;
      }
      throw failure(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw unknownJdk(e);
    }
  }

  private static Class<?> binding() throws Pkcs11Exception {
    Module jdk =
        ModuleLayer.boot()
            .findModule(JDK_MODULE)
            .orElseThrow(
                () ->
                    new Pkcs11Exception(
                        "This Java runtime lacks its module " + JDK_MODULE + ".",
                        Remedy.text("Run on a complete JDK.")));
    Module own = JdkCryptoki.class.getModule();
    if (!jdk.isExported(PACKAGE, own) && !export(jdk, own)) {
      throw new Pkcs11Exception(
          "This JVM does not let its PKCS#11 binding be used.",
          Remedy.text(
              Message.of(
                  "Start it with -%s %s/%s=ALL-UNNAMED; on a cluster, add that to"
                      + " env.java.opts.taskmanager.",
                  "-add-exports", JDK_MODULE, PACKAGE)));
    }
    return type("PKCS11");
  }

  /** Flink's own configuration of clusters opens java.lang, and with it what exports packages. */
  private static boolean export(Module jdk, Module own) {
    if (!Object.class.getModule().isOpen("java.lang", own)) {
      return false;
    }
    try {
      Method export = Module.class.getDeclaredMethod("implAddExportsToAllUnnamed", String.class);
      export.setAccessible(true);
      export.invoke(jdk, PACKAGE);
      return jdk.isExported(PACKAGE, own);
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  @Override
  public Library library() throws CryptokiException {
    Object info = call("C_GetInfo");
    Object version = field(info, "libraryVersion");
    return new Library(
        text(info, "manufacturerID"),
        text(info, "libraryDescription"),
        String.format(
            Locale.ROOT,
            "%d.%d",
            Byte.toUnsignedInt((byte) field(version, "major")),
            Byte.toUnsignedInt((byte) field(version, "minor"))));
  }

  @Override
  public List<Long> slots() throws CryptokiException {
    return Arrays.stream((long[]) call("C_GetSlotList", true)).boxed().toList();
  }

  @Override
  public Slot slot(long slot) throws CryptokiException {
    Object info = call("C_GetSlotInfo", slot);
    return new Slot(text(info, "manufacturerID"), text(info, "slotDescription"));
  }

  @Override
  public TokenInfo token(long slot) throws CryptokiException {
    Object info = call("C_GetTokenInfo", slot);
    return new TokenInfo(
        text(info, "label"),
        text(info, "manufacturerID"),
        text(info, "model"),
        text(info, "serialNumber"),
        (long) field(info, "flags"));
  }

  @Override
  public long openSession(long slot) throws CryptokiException {
    return (long) call("C_OpenSession", slot, CKF_SERIAL_SESSION, null, null);
  }

  @Override
  public void closeSession(long session) throws CryptokiException {
    var unused = invoke("C_CloseSession", session);
  }

  @Override
  public void login(long session, char[] pin) throws CryptokiException {
    var unused = invoke("C_Login", session, CKU_USER, pin);
  }

  @Override
  public List<Long> find(
      long session, long objectClass, Optional<byte[]> label, Optional<byte[]> id, int limit)
      throws CryptokiException {
    List<Object> template = new ArrayList<>();
    template.add(attribute(CKA_CLASS, objectClass));
    label.ifPresent(bytes -> template.add(attribute(CKA_LABEL, bytes)));
    id.ifPresent(bytes -> template.add(attribute(CKA_ID, bytes)));
    var unusedInit = invoke("C_FindObjectsInit", session, attributes(template));
    try {
      return Arrays.stream((long[]) call("C_FindObjects", session, (long) limit)).boxed().toList();
    } finally {
      var unusedFinal = invoke("C_FindObjectsFinal", session);
    }
  }

  @Override
  public Optional<byte[]> bytes(long session, long object, long attribute)
      throws CryptokiException {
    return value(session, object, attribute)
        .map(value -> value instanceof char[] characters ? narrowed(characters) : (byte[]) value);
  }

  @Override
  public Optional<Long> number(long session, long object, long attribute) throws CryptokiException {
    return value(session, object, attribute).map(JdkCryptoki::number);
  }

  @Override
  public byte[] sign(long session, long mechanism, long key, byte[] data, Optional<char[]> pin)
      throws CryptokiException {
    var unusedInit = invoke("C_SignInit", session, invoke(this.mechanism, mechanism), key);
    if (pin.isPresent()) {
      var unusedLogin = invoke("C_Login", session, CKU_CONTEXT_SPECIFIC, pin.get());
    }
    return (byte[]) call("C_Sign", session, data);
  }

  private Optional<Object> value(long session, long object, long attribute)
      throws CryptokiException {
    Object asked =
        attributes(List.of(made("CK_ATTRIBUTE", new Class<?>[] {long.class}, attribute)));
    try {
      var unused = invoke("C_GetAttributeValue", session, object, asked);
    } catch (CryptokiException e) {
      if (e.is(CKR_ATTRIBUTE_TYPE_INVALID) || e.is(CKR_ATTRIBUTE_SENSITIVE)) {
        return Optional.empty();
      }
      throw e;
    }
    // The binding puts another object in its place.
    return Optional.ofNullable(fieldOrNull(Array.get(asked, 0), "pValue"));
  }

  /** The binding gives attributes that it does not know as bytes. */
  private static long number(Object value) {
    if (value instanceof Boolean truth) {
      return truth ? 1 : 0;
    }
    if (value instanceof byte[] bytes) {
      return bytes.length > 0 && bytes[0] != 0 ? 1 : 0;
    }
    return (Long) value;
  }

  private static Object attribute(long type, Object value) {
    return made("CK_ATTRIBUTE", new Class<?>[] {long.class, Object.class}, type, value);
  }

  private static Object attributes(List<Object> template) {
    Object array = Array.newInstance(type("CK_ATTRIBUTE"), template.size());
    for (int i = 0; i < template.size(); i++) {
      Array.set(array, i, template.get(i));
    }
    return array;
  }

  private Object call(String function, @Nullable Object... arguments) throws CryptokiException {
    Object result = invoke(function, arguments);
    if (result == null) {
      throw new IllegalStateException(function + " returned nothing");
    }
    return result;
  }

  private @Nullable Object invoke(String function, @Nullable Object... arguments)
      throws CryptokiException {
    MethodHandle handle = functions.get(function);
    if (handle == null) {
      throw new IllegalStateException(function + " is not resolved");
    }
    return invoke(handle, arguments);
  }

  private static @Nullable Object invoke(MethodHandle handle, @Nullable Object... arguments)
      throws CryptokiException {
    try {
      return (Object) handle.invokeExact(arguments);
    } catch (RuntimeException | Error fault) {
      throw fault;
    } catch (Throwable thrown) {
      throw failure(thrown);
    }
  }

  private static CryptokiException failure(@Nullable Throwable thrown) {
    try {
      if (thrown != null && type("PKCS11Exception").isInstance(thrown)) {
        long code = (long) thrown.getClass().getMethod("getErrorCode").invoke(thrown);
        return new CryptokiException(code, String.valueOf(thrown.getMessage()));
      }
    } catch (ReflectiveOperationException e) {
      throw unknownJdk(e);
    }
    throw new IllegalStateException("The JDK's PKCS#11 binding failed", thrown);
  }

  private static Object made(String type, Class<?>[] parameters, Object... arguments) {
    try {
      return type(type).getConstructor(parameters).newInstance(arguments);
    } catch (ReflectiveOperationException e) {
      throw unknownJdk(e);
    }
  }

  private static String text(Object info, String field) {
    byte[] padded = narrowed((char[]) field(info, field));
    String text = new String(padded, StandardCharsets.UTF_8);
    int end = text.length();
    while (end > 0 && (text.charAt(end - 1) == ' ' || text.charAt(end - 1) == '\0')) {
      end--;
    }
    return text.substring(0, end);
  }

  /** The binding makes a character of each byte. */
  private static byte[] narrowed(char[] characters) {
    return new String(characters).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Object field(Object object, String name) {
    Object value = fieldOrNull(object, name);
    if (value == null) {
      throw new IllegalStateException(name + " has no value");
    }
    return value;
  }

  private static @Nullable Object fieldOrNull(Object object, String name) {
    try {
      return object.getClass().getField(name).get(object);
    } catch (ReflectiveOperationException e) {
      throw unknownJdk(e);
    }
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName(PACKAGE + "." + name, true, ClassLoader.getPlatformClassLoader());
    } catch (ClassNotFoundException e) {
      throw unknownJdk(e);
    }
  }

  private static IllegalStateException unknownJdk(ReflectiveOperationException e) {
    return new IllegalStateException("This JDK has another PKCS#11 binding than is known", e);
  }
}
