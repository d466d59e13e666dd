package dev.countersign.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import org.junit.jupiter.api.Test;

/** A test whose class is called otherwise is never run, and nobody notices. */
final class TestNamesTest {

  @Test
  void classes_withTests_endInTestOrITCase() {
    methods()
        .that()
        .areMetaAnnotatedWith("org.junit.platform.commons.annotation.Testable")
        .should(beInAClassThatIsRun())
        .check(
            new ClassFileImporter()
                .withImportOption(new ImportOption.OnlyIncludeTests())
                .importPackages("dev.countersign"));
  }

  /** Contracts are abstract: their subclasses are run, and are looked at in their own right. */
  private static ArchCondition<JavaMethod> beInAClassThatIsRun() {
    return new ArchCondition<>("be in a class that ends in Test or ITCase") {
      @Override
      public void check(JavaMethod method, ConditionEvents events) {
        JavaClass outermost = method.getOwner();
        while (outermost.getEnclosingClass().isPresent()) {
          outermost = outermost.getEnclosingClass().get();
        }
        String name = outermost.getSimpleName();
        boolean run =
            outermost.getModifiers().contains(JavaModifier.ABSTRACT)
                || name.endsWith("Test")
                || name.endsWith("ITCase");
        events.add(
            new SimpleConditionEvent(
                method, run, outermost.getName() + " is not run: end its name in Test or ITCase"));
      }
    };
  }
}
