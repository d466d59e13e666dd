package dev.countersign.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceSplit;
import org.junit.jupiter.api.Test;

/** Names of models and files come from outside, and none reaches a log as it came. */
final class LoggedNamesTest {

  private static final Pattern CALL = Pattern.compile("\\bLOG\\s*\\.\\w+\\(");

  private static final Pattern ESCAPED = Pattern.compile("\\bPrintable\\.(?:of|whole|name)\\(");

  /** What names are called; names of threads are ours. */
  private static final Pattern NAME =
      Pattern.compile(
          "(?<!worker\\.)\\b(?:model|uri|path|file|folder|place|bundle|name|root|target|"
              + "getModel|getName|getUri|getPath|toUri|getFileName)\\b(?!\\.)");

  /** Fields of events whose texts this program makes: the identities of processes. */
  private static final Set<String> OURS = Set.of("process");

  @Test
  void names_inCallsOfTheLog_areEscaped() throws IOException {
    List<String> raw = new ArrayList<>();
    int calls = 0;
    for (String module : List.of("../operators", "../jobs")) {
      for (Path file : sources(Path.of(module, "src/main/java"))) {
        String source = Files.readString(file);
        for (Matcher call = CALL.matcher(source); call.find(); calls++) {
          String arguments = arguments(source, call.end());
          if (NAME.matcher(withoutEscaped(withoutTexts(arguments))).find()) {
            raw.add(file.getFileName() + ": " + arguments.strip());
          }
        }
      }
    }

    assertThat(calls).isGreaterThan(20);
    assertThat(raw).isEmpty();
  }

  /** Flink logs events and splits as they put themselves into words. */
  @Test
  void messagesWithTexts_chooseTheirWords() {
    classes()
        .that(areSentByFlink())
        .should(declareToStringIfTheyHoldTexts())
        .check(
            new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.countersign"));
  }

  private static DescribedPredicate<JavaClass> areSentByFlink() {
    return DescribedPredicate.describe(
        "are events or splits",
        type ->
            !type.isInterface()
                && (type.isAssignableTo(SourceEvent.class)
                    || type.isAssignableTo(SourceSplit.class)));
  }

  private static ArchCondition<JavaClass> declareToStringIfTheyHoldTexts() {
    return new ArchCondition<>("declare toString() if they hold more than numbers") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        boolean holdsTexts =
            type.getFields().stream()
                .filter(field -> !field.getModifiers().contains(JavaModifier.STATIC))
                .filter(field -> !OURS.contains(field.getName()))
                .anyMatch(field -> !isOfNumbers(field.getRawType()));
        boolean isGenerated =
            type.tryGetMethod("toString").stream()
                .allMatch(method -> method.getAccessesFromSelf().isEmpty());
        if (holdsTexts && isGenerated) {
          events.add(
              SimpleConditionEvent.violated(type, type.getName() + " shows all that it holds"));
        }
      }
    };
  }

  private static boolean isOfNumbers(JavaClass type) {
    return type.isPrimitive()
        || (type.isRecord()
            && type.getFields().stream()
                .filter(field -> !field.getModifiers().contains(JavaModifier.STATIC))
                .allMatch(field -> field.getRawType().isPrimitive()));
  }

  private static List<Path> sources(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    }
  }

  private static String withoutTexts(String source) {
    return source.replaceAll("\"(?:[^\"\\\\]|\\\\.)*\"", "\"\"");
  }

  private static String withoutEscaped(String source) {
    Matcher escaped = ESCAPED.matcher(source);
    return escaped.find()
        ? withoutEscaped(
            source.substring(0, escaped.start())
                + source.substring(escaped.end() + arguments(source, escaped.end()).length() + 1))
        : source;
  }

  /** What is between the parenthesis that ends before {@code start} and the one that closes it. */
  private static String arguments(String source, int start) {
    int open = 1;
    int end = start;
    while (open > 0) {
      char character = source.charAt(end++);
      open += character == '(' ? 1 : character == ')' ? -1 : 0;
    }
    return source.substring(start, end - 1);
  }
}
