package dev.countersign.catalog;

import dev.countersign.storage.Storages;
import dev.countersign.text.Printable;
import dev.countersign.text.StoreUri;
import java.io.Serializable;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a model's bundle goes: a URI in which {@code {model}}, {@code {name}} and {@code {version}}
 * stand for the model's.
 */
public final class BundleTemplate implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}/]*)}");
  private static final Set<String> KNOWN = Set.of("model", "name", "version");

  /** Inside a directory, beside a file: the name that every OMS client looks for. */
  private static final BundleTemplate STANDARD = new BundleTemplate("");

  private final String template;

  private BundleTemplate(String template) {
    this.template = template;
  }

  /**
   * Returns the default: {@code {model}/model.sig} in a directory, {@code {model}.sig} beside a
   * file.
   */
  public static BundleTemplate standard() {
    return STANDARD;
  }

  /**
   * Parses a template that begins with {@code {model}} or is absolute.
   *
   * @throws CatalogException if it is relative, or has a placeholder that is not known, or one in
   *     its host
   */
  public static BundleTemplate parse(String template) throws CatalogException {
    for (MatchResult found : PLACEHOLDER.matcher(template).results().toList()) {
      if (!KNOWN.contains(found.group(1))) {
        throw CatalogException.of(
            "The bundle template %s has the placeholder %s. Known are {model}, {name} and"
                + " {version}.",
            Printable.of(template), Printable.of(found.group()));
      }
    }
    if (!template.startsWith("{model}") && !StoreUri.isAbsolute(template)) {
      throw CatalogException.of(
          "The bundle template %s is relative. Begin it with {model}, / or a scheme.",
          Printable.of(template));
    }
    if (StoreUri.isAbsolute(template) && StoreUri.parse(template).authority().contains("{")) {
      throw CatalogException.of(
          "The bundle template %s has a placeholder in its host, which no model's name may choose."
              + " Put placeholders behind the host.",
          Printable.of(template));
    }
    return new BundleTemplate(template);
  }

  /**
   * Parses a template that may also be relative.
   *
   * @param workingDirectory what it is then relative to, a URI
   * @throws CatalogException if it has a placeholder that is not known
   */
  public static BundleTemplate parse(String template, String workingDirectory)
      throws CatalogException {
    boolean placed = template.startsWith("{model}") || StoreUri.isAbsolute(template);
    return parse(placed ? template : Storages.child(workingDirectory, template));
  }

  /**
   * Returns the folder that the template names without any placeholder, below which labels say
   * where bundles go; empty if it begins with the model's own name.
   */
  public Optional<String> folder() {
    if (template.isEmpty() || template.startsWith("{model}")) {
      return Optional.empty();
    }
    int first = template.indexOf('{');
    String named = first < 0 ? template : template.substring(0, first);
    return Optional.of(Storages.absolute(named.substring(0, named.lastIndexOf('/') + 1), "/"));
  }

  /** Tells whether where a bundle goes depends on whether the model is a directory. */
  public boolean dependsOnKind() {
    return template.isEmpty();
  }

  /**
   * Returns the URI of a model's bundle.
   *
   * @param model URI
   * @param directory whether the model is a directory; counts only if {@link #dependsOnKind()}
   * @param name the model's label
   * @param version the model's version; empty if it has none
   * @throws CatalogException if the template asks for a version and there is none, or if a label
   *     would lead out of the folder that the template names
   */
  public String resolve(String model, boolean directory, String name, String version)
      throws CatalogException {
    if (template.isEmpty()) {
      return directory ? Storages.child(model, "model.sig") : model + ".sig";
    }
    StringBuilder bundle = new StringBuilder();
    Matcher matcher = PLACEHOLDER.matcher(template);
    int end = 0;
    while (matcher.find()) {
      bundle.append(template, end, matcher.start());
      bundle.append(
          switch (matcher.group(1)) {
            case "model" -> model;
            case "name" -> label("name", name, model);
            default -> label("version", version, model);
          });
      end = matcher.end();
    }
    bundle.append(template.substring(end));
    return Storages.absolute(bundle.toString(), "/");
  }

  /** Returns the label if it names something below a folder: it may come from a hostile catalog. */
  private String label(String placeholder, String value, String model) throws CatalogException {
    if (value.isEmpty()) {
      throw CatalogException.of(
          "The bundle template %s asks for {%s}, and the model %s has none. Take it out of the"
              + " template.",
          Printable.of(template), placeholder, Printable.of(model));
    }
    for (String segment : value.split("/", -1)) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        throw CatalogException.of(
            "The %s %s of the model %s is not a path below a folder, which {%s} in the bundle"
                + " template needs.",
            placeholder, Printable.of(value), Printable.of(model), placeholder);
      }
    }
    return value;
  }

  @Override
  public String toString() {
    return template.isEmpty() ? "{model}/model.sig or {model}.sig" : template;
  }
}
