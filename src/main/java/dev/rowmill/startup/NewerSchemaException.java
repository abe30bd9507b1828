package dev.rowmill.startup;

/** Reports that a newer version of Rowmill has changed the tables. */
final class NewerSchemaException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * @param migration file of the newest change, such as {@code V2__plans.sql}
   */
  NewerSchemaException(String migration) {
    super("a newer version of Rowmill has changed the tables: " + migration);
  }
}
