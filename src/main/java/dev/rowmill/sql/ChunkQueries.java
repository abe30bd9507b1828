package dev.rowmill.sql;

/** The texts of the statements that walk a table and change it. */
record ChunkQueries(ChunkableStatement statement) {

  /**
   * @param bounded whether the range has a lower end
   */
  String apply(boolean bounded) {
    return statement.statement().sql()
        + "("
        + statement.key().range(statement.qualifier(), bounded)
        + ")";
  }

  /** The key of the row so many rows into the range; its last question mark is that number. */
  String boundary(boolean bounded) {
    return selectKeys()
        + " WHERE "
        + statement.key().range("k", bounded)
        + " ORDER BY "
        + statement.key().order("k", "")
        + " LIMIT 1 OFFSET ?";
  }

  String last() {
    return selectKeys() + " ORDER BY " + statement.key().order("k", " DESC") + " LIMIT 1";
  }

  String count(boolean bounded) {
    return "SELECT COUNT(*)" + from() + " WHERE " + statement.key().range("k", bounded);
  }

  String countAll() {
    return "SELECT COUNT(*) FROM " + statement.table().quoted();
  }

  String empty() {
    return "SELECT NOT EXISTS (SELECT 1 FROM " + statement.table().quoted() + ")";
  }

  private String selectKeys() {
    return "SELECT " + statement.key().selected("k") + from();
  }

  // Left alone, MySQL took a secondary index and a sort, four times as long.
  private String from() {
    return " FROM "
        + statement.table().quoted()
        + " AS `k` FORCE INDEX ("
        + TableName.quoted(statement.key().index())
        + ")";
  }
}
