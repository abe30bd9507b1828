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
import dev.rowmill.database.Clocks;
import java.sql.PreparedStatement;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Holds the code to the layers that the architecture describes. */
class PackageRulesTest {

  private static final String BASE = "dev.rowmill";

  /**
   * Lists the packages that each package may use besides itself, from the lowest to the highest.
   */
  private static final Map<String, Set<String>> MAY_USE =
      Map.ofEntries(
          Map.entry("task", Set.of()),
          Map.entry("database", Set.of()),
          Map.entry("embedded", Set.of()),
          Map.entry("batch", Set.of("database", "task")),
          Map.entry("batch.store", Set.of("batch", "database", "task")),
          Map.entry("sql.parse", Set.of("task")),
          Map.entry("sql.value", Set.of("database", "task")),
          Map.entry("sql.table", Set.of("database", "task", "sql.parse", "sql.value")),
          Map.entry("sql.statement", Set.of("task", "sql.parse", "sql.value", "sql.table")),
          Map.entry(
              "sql.run",
              Set.of("database", "task", "sql.parse", "sql.value", "sql.table", "sql.statement")),
          Map.entry(
              "sql.plan",
              Set.of(
                  "database",
                  "task",
                  "sql.parse",
                  "sql.value",
                  "sql.table",
                  "sql.statement",
                  "sql.run")),
          Map.entry(
              "sql",
              Set.of(
                  "task",
                  "sql.parse",
                  "sql.value",
                  "sql.table",
                  "sql.statement",
                  "sql.run",
                  "sql.plan")),
          Map.entry("undo", Set.of("batch.store", "database", "sql.run", "task")),
          Map.entry("throttle", Set.of("database")),
          Map.entry("security", Set.of("batch")),
          Map.entry("engine", Set.of("batch", "batch.store", "database", "task", "throttle")),
          Map.entry("progress", Set.of("batch", "database", "engine")),
          Map.entry("dispatch.task", Set.of("batch", "engine", "task")),
          Map.entry("dispatch.statement", Set.of("batch", "database", "task")),
          Map.entry(
              "dispatch.pool",
              Set.of(
                  "batch",
                  "batch.store",
                  "database",
                  "dispatch.task",
                  "engine",
                  "progress",
                  "task")),
          Map.entry(
              "dispatch",
              Set.of(
                  "batch",
                  "batch.store",
                  "database",
                  "dispatch.pool",
                  "dispatch.task",
                  "engine",
                  "progress",
                  "task")),
          Map.entry("progress.event", Set.of("batch", "batch.store", "progress")),
          Map.entry(
              "cluster",
              Set.of(
                  "batch",
                  "batch.store",
                  "database",
                  "dispatch.pool",
                  "engine",
                  "progress",
                  "task")),
          Map.entry("audit", Set.of("batch", "batch.store", "database")),
          Map.entry("webhook", Set.of("batch", "batch.store", "database")),
          Map.entry(
              "monitoring",
              Set.of("batch", "batch.store", "database", "dispatch", "dispatch.pool", "engine")),
          Map.entry("sample", Set.of("batch", "security", "task")),
          Map.entry("startup", Set.of("database", "embedded", "sample", "security")),
          Map.entry(
              "rest.http",
              Set.of(
                  "audit",
                  "batch",
                  "batch.store",
                  "database",
                  "dispatch",
                  "dispatch.task",
                  "security",
                  "task")),
          Map.entry(
              "rest.batch",
              Set.of(
                  "batch",
                  "batch.store",
                  "dispatch",
                  "dispatch.statement",
                  "progress",
                  "progress.event",
                  "rest.http",
                  "security",
                  "task")),
          Map.entry(
              "rest.admin",
              Set.of(
                  "audit",
                  "batch",
                  "batch.store",
                  "dispatch",
                  "dispatch.pool",
                  "dispatch.statement",
                  "dispatch.task",
                  "rest.batch",
                  "rest.http",
                  "security",
                  "task")),
          Map.entry(
              "rest.openapi",
              Set.of(
                  "dispatch.pool",
                  "dispatch.statement",
                  "progress",
                  "rest.admin",
                  "rest.batch",
                  "rest.http",
                  "security")));

  /** Lists the packages that send statements of their own to the server. */
  private static final String[] SENDS_STATEMENTS =
      Stream.of(
              "database",
              "batch.store",
              "sql..",
              "undo",
              "throttle",
              "security",
              "dispatch.statement",
              "dispatch.pool",
              "progress",
              "cluster",
              "audit",
              "webhook",
              "sample",
              "startup")
          .map(PackageRulesTest::full)
          .toArray(String[]::new);

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(BASE);

  @Test
  void every_package_has_its_row_in_the_table() {
    assertEquals(
        new TreeSet<>(MAY_USE.keySet()),
        new TreeSet<>(packages().map(PackageRulesTest::name).collect(toSet())));
  }

  @Test
  void packages_use_only_what_the_table_allows() {
    MAY_USE.forEach(
        (name, allowed) -> {
          String[] forbidden =
              MAY_USE.keySet().stream()
                  .filter(other -> !other.equals(name) && !allowed.contains(other))
                  .map(PackageRulesTest::full)
                  .toArray(String[]::new);
          noClasses()
              .that()
              .resideInAPackage(full(name))
              .should()
              .dependOnClassesThat()
              .resideInAnyPackage(forbidden)
              .as("package " + name + " may use " + new TreeSet<>(allowed) + " alone")
              .check(CLASSES);
        });
  }

  @Test
  void no_packages_use_each_other_in_a_circle() {
    slices().matching(BASE + ".(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void only_packages_that_own_tables_or_run_statements_prepare_statements() {
    noClasses()
        .that()
        .resideOutsideOfPackages(SENDS_STATEMENTS)
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(PreparedStatement.class)
        .check(CLASSES);
  }

  @Test
  void the_vocabulary_of_batches_needs_neither_sql_nor_cdi() {
    noClasses()
        .that()
        .resideInAPackage(full("batch"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.sql..", "javax.sql..", "jakarta..", "io.quarkus..")
        .check(CLASSES);
  }

  @Test
  void the_interface_of_a_task_needs_the_jdk_alone() {
    classes()
        .that()
        .resideInAPackage(full("task"))
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", "javax.sql..", "org.jspecify..", full("task"))
        .check(CLASSES);
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
    noClasses()
        .should()
        .resideInAnyPackage("..util..", "..common..", "..impl..", "..dto..", "..service..")
        .check(CLASSES);
  }

  @Test
  void only_the_producer_of_the_clock_reads_the_time_of_the_machine() {
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
        .callMethod(Clock.class, "systemDefaultZone")
        .check(CLASSES);
  }

  private static Stream<JavaPackage> packages() {
    return CLASSES.getPackage(BASE).getSubpackagesInTree().stream()
        .filter(it -> !it.getClasses().isEmpty() && !it.getName().endsWith(".grammar"));
  }

  private static String name(JavaPackage it) {
    return it.getName().substring(BASE.length() + 1);
  }

  private static String full(String name) {
    return BASE + "." + name;
  }
}
