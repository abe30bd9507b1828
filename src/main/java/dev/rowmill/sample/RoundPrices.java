package dev.rowmill.sample;

import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.ChunkedTask;
import dev.rowmill.task.Extent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.NotNull;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Demonstrates a chunked task in Java: rounds the prices of the project's items to an ending. */
@ApplicationScoped
class RoundPrices implements ChunkedTask<RoundPrices.Parameters> {

  /**
   * Holds the parameters.
   *
   * @param ending ending of every new price, such as 0.99
   */
  record Parameters(@NotNull @DecimalMin("0.00") @DecimalMax("0.99") BigDecimal ending) {}

  @Override
  public String name() {
    return "round-prices";
  }

  @Override
  public String description() {
    return "Rounds the prices of the project's items in shop.item to an ending such as 0.99.";
  }

  @Override
  public Class<Parameters> parametersType() {
    return Parameters.class;
  }

  @Override
  public void check(Parameters parameters, String project, Connection connection)
      throws SQLException {
    SampleShop.require(connection);
  }

  @Override
  public ChunkedRun open(Parameters parameters, String project, Connection connection) {
    return new Rounding(parameters.ending(), project);
  }

  /** Rounds the prices of one batch. The cursor is the id of an item. */
  private record Rounding(BigDecimal ending, String project) implements ChunkedRun {

    @Override
    public Optional<Extent> extent(Connection connection) throws SQLException {
      try (PreparedStatement query =
              connection.prepareStatement("SELECT MAX(id), COUNT(*) FROM shop.item");
          ResultSet row = query.executeQuery()) {
        row.next();
        String last = row.getString(1);
        return last == null
            ? Optional.empty()
            : Optional.of(new Extent(last, OptionalLong.of(row.getLong(2))));
      }
    }

    @Override
    public Chunk next(Connection connection, @Nullable String after, String end, int rows)
        throws SQLException {
      try (PreparedStatement query =
          connection.prepareStatement(
              "SELECT id FROM shop.item WHERE id > ? AND id <= ? ORDER BY id LIMIT ?")) {
        query.setLong(1, start(after));
        query.setLong(2, Long.parseLong(end));
        query.setInt(3, rows);
        try (ResultSet ids = query.executeQuery()) {
          String last = end;
          int seen = 0;
          while (ids.next()) {
            last = ids.getString(1);
            seen++;
          }
          return new Chunk(after, seen < rows ? end : last, seen);
        }
      }
    }

    @Override
    public long apply(Connection connection, Chunk chunk) throws SQLException {
      try (PreparedStatement query =
              connection.prepareStatement(
                  "SELECT id, price FROM shop.item WHERE id > ? AND id <= ? AND project = ?"
                      + " FOR UPDATE");
          PreparedStatement update =
              connection.prepareStatement(
                  "UPDATE shop.item SET price = ?, updated_at = NOW(3) WHERE id = ?")) {
        query.setLong(1, start(chunk.after()));
        query.setLong(2, Long.parseLong(chunk.upTo()));
        query.setString(3, project);
        try (ResultSet items = query.executeQuery()) {
          while (items.next()) {
            BigDecimal price = items.getBigDecimal("price");
            update.setBigDecimal(1, price.setScale(0, RoundingMode.FLOOR).add(ending));
            update.setLong(2, items.getLong("id"));
            update.addBatch();
          }
        }
        return update.executeBatch().length;
      }
    }

    private static long start(@Nullable String after) {
      return after == null ? 0 : Long.parseLong(after);
    }
  }
}
