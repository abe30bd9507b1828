package dev.rowmill;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.mysql.cj.jdbc.JdbcConnection;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.rowmill.database.Clocks;
import dev.rowmill.database.Rows;
import dev.rowmill.testing.BesideOthers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Holds the code to the layers that the architecture describes. */
@BesideOthers
class PackageRulesTest {

  private static final String BASE = "dev.rowmill";

  /** Maps each package to the other packages that it may use, by the table of the document. */
  private static final Map<String, Set<String>> MAY_USE = mayUse();

  /** Lists the packages that send statements of their own to the server. */
  private static final String[] SENDS_STATEMENTS =
      Stream.of(
              "database",
              "batch.store",
              "sql..",
              "archive",
              "undo",
              "throttle",
              "security",
              "dispatch.statement",
              "dispatch.pool",
              "progress",
              "cluster",
              "audit",
              "httptask",
              "retention",
              "upload",
              "export",
              "schedule",
              "webhook",
              "monitoring",
              "sample",
              "doctor")
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
  void packages_have_no_cyclic_dependencies() {
    slices().matching(BASE + ".(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void only_packages_that_own_tables_or_run_statements_prepare_statements() {
    noClasses()
        .that()
        .resideOutsideOfPackages(SENDS_STATEMENTS)
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(PreparedStatement.class, Rows.class)
        .check(CLASSES);
  }

  @Test
  void only_the_database_package_interprets_error_numbers_and_states() {
    noClasses()
        .that()
        .resideOutsideOfPackage(full("database"))
        // Shows both to callers, and compares neither.
        .and()
        .doNotHaveFullyQualifiedName(full("engine.RunContext"))
        .should()
        .callMethod(SQLException.class, "getErrorCode")
        .orShould()
        .callMethod(SQLException.class, "getSQLState")
        .check(CLASSES);
  }

  @Test
  void only_the_database_package_hashes_and_aborts_connections() {
    noClasses()
        .that()
        .resideOutsideOfPackage(full("database"))
        .should()
        .callMethod(MessageDigest.class, "getInstance", String.class)
        .orShould()
        .callMethod(JdbcConnection.class, "abort", Executor.class)
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
  void every_package_is_documented_and_null_marked() {
    Stream.concat(Stream.of(CLASSES.getPackage(BASE)), packages())
        .forEach(
            it ->
                assertTrue(
                    it.isAnnotatedWith(NullMarked.class),
                    it.getName() + " lacks a package-info.java with @NullMarked"));
  }

  @Test
  void no_package_has_a_generic_name() {
    noClasses()
        .should()
        .resideInAnyPackage("..util..", "..common..", "..impl..", "..dto..", "..service..")
        .check(CLASSES);
  }

  @Test
  void only_the_producer_of_the_clock_reads_the_system_time() {
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

  /** Reads the rows of the table under "Packages": name, purpose, names of the packages below. */
  private static Map<String, Set<String>> mayUse() {
    Pattern row = Pattern.compile("\\| `([a-z.]+)` \\| [^|]+ \\| ([a-z., –]+) \\|");
    try (Stream<String> lines = Files.lines(Path.of("docs/architecture.md"))) {
      return lines
          .map(row::matcher)
          .filter(Matcher::matches)
          .collect(
              toMap(
                  it -> it.group(1),
                  it ->
                      Stream.of(it.group(2).split(", "))
                          .filter(name -> !name.equals("–"))
                          .collect(toSet())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
