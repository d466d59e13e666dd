package dev.countersign.pkcs11;

import static java.util.stream.Collectors.joining;

import dev.countersign.remedy.Remedy;
import dev.countersign.remedy.Setting;
import dev.countersign.text.Message;
import dev.countersign.text.Printable;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Finds the file of the module that a URI names. */
final class ModuleFile {

  /** Where systems install modules: those of the reference client, and Debian's. */
  private static final List<String> USUAL =
      List.of(
          "/usr/lib64/pkcs11",
          "/usr/lib/pkcs11",
          "/usr/lib/x86_64-linux-gnu/pkcs11",
          "/usr/lib/aarch64-linux-gnu/pkcs11",
          "/usr/lib/softhsm");

  /** Modules that a message lists. */
  private static final int MAX_SHOWN = 20;

  private ModuleFile() {}

  /**
   * Returns the file, with links resolved.
   *
   * @param folders where it is searched for if the URI has its name alone; empty: the usual ones
   * @throws Pkcs11Exception if the URI names no module, or not one file is there
   */
  static Path find(Pkcs11Uri uri, List<String> folders) throws Pkcs11Exception {
    try {
      if (!uri.modulePath().isEmpty()) {
        Path path = Path.of(uri.modulePath());
        if (Files.isRegularFile(path)) {
          return path.toRealPath();
        }
        if (!Files.isDirectory(path)) {
          throw new Pkcs11Exception(
              Message.of(
                  "There is no PKCS#11 module %s on this machine. %s",
                  Printable.of(uri.modulePath()), installed()),
              Remedy.text("Name the shared library of the token's maker with module-path."));
        }
        return named(uri, List.of(uri.modulePath()));
      }
      return named(uri, folders.isEmpty() ? USUAL : folders);
    } catch (IOException | InvalidPathException e) {
      throw new Pkcs11Exception(
          Message.of(
              "The PKCS#11 module of %s cannot be searched for (%s).",
              uri, Printable.of(String.valueOf(e.getMessage()))),
          Remedy.of("Check module-path in %s.", Setting.PKCS11_URI),
          e);
    }
  }

  private static String installed() {
    SortedSet<Path> modules = new TreeSet<>();
    for (String folder : USUAL) {
      try {
        modules.addAll(matching(folder, base -> base.endsWith(".so")));
      } catch (IOException e) {
        // A folder that cannot be read adds nothing to the list.
      }
    }
    return modules.isEmpty()
        ? "None is where systems install modules."
        : Message.of(
            "Modules that are installed: %s.",
            Printable.of(
                modules.stream().limit(MAX_SHOWN).map(Path::toString).collect(joining(", "))));
  }

  private static List<Path> matching(String folder, Predicate<String> name) throws IOException {
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(Path.of(folder))) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of(folder))) {
        for (Path file : files) {
          String base = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
          if (name.test(base) && Files.isRegularFile(file)) {
            found.add(file.toRealPath());
          }
        }
      } catch (DirectoryIteratorException e) {
        throw e.getCause();
      }
    }
    return found;
  }

  /** As the reference client: the name may have something before it, as lib, and .so behind it. */
  private static Path named(Pkcs11Uri uri, List<String> folders)
      throws Pkcs11Exception, IOException {
    String name = uri.moduleName().toLowerCase(Locale.ROOT);
    if (name.isEmpty()) {
      throw new Pkcs11Exception(
          Message.of("The PKCS#11 URI %s names no module.", uri),
          Remedy.text(
              "Add the shared library of the token's maker, as in"
                  + " ?module-path=/usr/lib/softhsm/libsofthsm2.so."));
    }
    SortedSet<Path> found = new TreeSet<>();
    for (String folder : folders) {
      found.addAll(matching(folder, base -> base.endsWith(name) || base.contains(name + ".")));
    }
    if (found.size() != 1) {
      throw new Pkcs11Exception(
          Message.of(
              "%s PKCS#11 module named %s is in %s.",
              found.isEmpty() ? "No" : "More than one",
              Printable.of(uri.moduleName()),
              Printable.of(String.join(", ", folders))),
          Remedy.of(
              "Name the file itself with module-path, or its folder with %s.",
              Setting.MODULE_PATHS));
    }
    return found.first();
  }
}
