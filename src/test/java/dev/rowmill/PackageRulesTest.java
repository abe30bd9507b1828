package dev.rowmill;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.rowmill.database.Clocks;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Holds the code to the table "Who lives where" of the design. */
class PackageRulesTest {

  private static final String BASE = "dev.rowmill";

  /** Which packages each package may use, besides itself. */
  private static final Map<String, Set<String>> MAY_USE =
      Map.ofEntries(
          Map.entry("task", Set.of()),
          Map.entry("sql", Set.of("task")),
          Map.entry("undo", Set.of("sql", "task", "batch")),
          Map.entry("batch", Set.of("task", "security")),
          Map.entry("throttle", Set.of()),
          Map.entry("engine", Set.of("task", "batch", "throttle")),
          Map.entry("tracker", Set.of()),
          Map.entry("dispatch", Set.of("tracker", "engine", "batch", "task", "trace")),
          Map.entry("cluster", Set.of("dispatch", "engine", "batch", "task", "progress")),
          Map.entry("progress", Set.of("engine", "dispatch", "batch", "security")),
          Map.entry("security", Set.of()),
          Map.entry("audit", Set.of("batch", "security")),
          Map.entry("statement", Set.of("task", "batch", "security")),
          Map.entry("health", Set.of("dispatch", "engine", "batch")),
          Map.entry("trace", Set.of("engine", "batch")),
          Map.entry("webhook", Set.of("batch")),
          Map.entry(
              "rest",
              Set.of("dispatch", "batch", "task", "progress", "security", "audit", "statement")),
          Map.entry("dashboard", Set.of()),
          Map.entry("embedded", Set.of()),
          Map.entry("sample", Set.of("task", "security")));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(BASE);

  @Test
  void every_package_has_its_row_in_the_table() {
    Set<String> known = new TreeSet<>(MAY_USE.keySet());
    Set<String> unknown = new TreeSet<>(packages().map(PackageRulesTest::name).collect(toSet()));
    unknown.removeAll(known);
    assertEquals(Set.of(), unknown);
  }

  @Test
  void packages_use_only_what_the_table_allows() {
    MAY_USE.forEach(
        (name, allowed) -> {
          String[] forbidden =
              Stream.concat(Stream.of(BASE), MAY_USE.keySet().stream().map(PackageRulesTest::full))
                  .filter(other -> !other.equals(full(name)))
                  .filter(other -> allowed.stream().noneMatch(it -> full(it).equals(other)))
                  .toArray(String[]::new);
          check(
              noClasses()
                  .that()
                  .resideInAPackage(full(name))
                  .should()
                  .dependOnClassesThat()
                  .resideInAnyPackage(forbidden)
                  .as("package " + name + " may use " + new TreeSet<>(allowed) + " alone"));
        });
  }

  @Test
  void no_packages_use_each_other_in_a_circle() {
    check(slices().matching(BASE + ".(*)..").should().beFreeOfCycles());
  }

  @Test
  void the_interface_of_a_task_needs_the_jdk_alone() {
    check(
        classes()
            .that()
            .resideInAPackage(full("task"))
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "javax.sql..", "org.jspecify..", full("task")));
  }

  @Test
  void every_package_says_what_it_is_for_and_is_null_marked() {
    Stream.concat(Stream.of(CLASSES.getPackage(BASE)), packages())
        .forEach(
            it ->
                assertTrue(
                    it.isAnnotatedWith(NullMarked.class),
                    it.getName() + " lacks a package-info.java with @NullMarked"));
  }

  @Test
  void no_package_is_a_drawer_for_odds_and_ends() {
    check(
        noClasses()
            .should()
            .resideInAnyPackage("..util..", "..common..", "..impl..", "..dto..", "..service.."));
  }

  @Test
  void only_the_clocks_producer_asks_the_machine_for_the_time() {
    check(
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName(Clocks.class.getName())
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Clock.class, "systemUTC")
            .orShould()
            .callMethod(Clock.class, "systemDefaultZone"));
  }

  /** Some packages of the table are yet to come. */
  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(CLASSES);
  }

  private static Stream<JavaPackage> packages() {
    return CLASSES.getPackage(BASE).getSubpackages().stream();
  }

  private static String name(JavaPackage it) {
    return it.getName().substring(BASE.length() + 1);
  }

  private static String full(String name) {
    return BASE + "." + name;
  }
}
