package dev.countersign.pkcs11;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds the slot of the token that a URI names, as RFC 7512 compares attributes. */
final class Slots {

  /** Tokens that a message lists. */
  private static final int MAX_SHOWN = 20;

  private Slots() {}

  /**
   * Returns the slot of the only token that fits.
   *
   * @param moduleFile how messages name the module
   * @throws Pkcs11Exception if no token fits or several do; the message lists those that there are
   */
  static long find(Cryptoki module, Pkcs11Uri uri, String moduleFile) throws Pkcs11Exception {
    List<Long> fitting = new ArrayList<>();
    List<String> there = new ArrayList<>();
    try {
      Map<String, String> library = library(module.library());
      for (long slot : module.slots()) {
        Cryptoki.TokenInfo token = module.token(slot);
        if (!token.isInitialized()) {
          continue;
        }
        there.add(
            Message.of(
                "'%s' (slot-id=%d, serial=%s)",
                Printable.of(token.label()), slot, Printable.of(token.serial())));
        Map<String, String> said = new HashMap<>(library);
        said.putAll(slot(slot, module.slot(slot)));
        said.putAll(token(token));
        if (fits(uri, said)) {
          fitting.add(slot);
        }
      }
    } catch (CryptokiException e) {
      throw new Pkcs11Exception(
          Message.of(
              "The PKCS#11 module %s does not list its tokens (%s).",
              Printable.of(moduleFile), e.getMessage()),
          Remedy.text("Look up the code in the documentation of its maker."),
          e);
    }
    if (fitting.size() == 1) {
      return fitting.get(0);
    }
    throw new Pkcs11Exception(
        Message.of(
            "%s token of the PKCS#11 module %s matches %s. %s",
            fitting.isEmpty() ? "No" : "More than one",
            Printable.of(moduleFile),
            uri,
            there.isEmpty()
                ? "The module shows no token that is initialized."
                : "Its tokens: " + String.join(", ", first(there)) + "."),
        fitting.isEmpty()
            ? Remedy.of("Connect the token, or check %s.", Setting.PKCS11_URI)
            : Remedy.text("Add its serial or slot-id to the URI."));
  }

  private static List<String> first(List<String> all) {
    return all.size() <= MAX_SHOWN ? all : all.subList(0, MAX_SHOWN);
  }

  private static boolean fits(Pkcs11Uri uri, Map<String, String> said) {
    return said.entrySet().stream()
        .allMatch(
            attribute ->
                uri.attribute(attribute.getKey()).map(attribute.getValue()::equals).orElse(true));
  }

  private static Map<String, String> library(Cryptoki.Library library) {
    return Map.of(
        Pkcs11Uri.LIBRARY_MANUFACTURER, library.manufacturer(),
        Pkcs11Uri.LIBRARY_DESCRIPTION, library.description(),
        Pkcs11Uri.LIBRARY_VERSION, library.version());
  }

  private static Map<String, String> slot(long id, Cryptoki.Slot slot) {
    return Map.of(
        Pkcs11Uri.SLOT_ID, String.valueOf(id),
        Pkcs11Uri.SLOT_MANUFACTURER, slot.manufacturer(),
        Pkcs11Uri.SLOT_DESCRIPTION, slot.description());
  }

  private static Map<String, String> token(Cryptoki.TokenInfo token) {
    return Map.of(
        Pkcs11Uri.TOKEN, token.label(),
        Pkcs11Uri.MANUFACTURER, token.manufacturer(),
        Pkcs11Uri.MODEL, token.model(),
        Pkcs11Uri.SERIAL, token.serial());
  }
}
