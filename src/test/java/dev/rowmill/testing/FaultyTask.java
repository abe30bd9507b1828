package dev.rowmill.testing;

import dev.rowmill.task.Chunk;
import dev.rowmill.task.ChunkedRun;
import dev.rowmill.task.ChunkedTask;
import dev.rowmill.task.Extent;
import dev.rowmill.task.RunState;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Adds 1 to each row of a {@link WorkTable}, and runs the test's fault in each chunk. */
@ApplicationScoped
public class FaultyTask implements ChunkedTask<FaultyTask.Parameters> {

  /** Represents a fault inside a chunk's transaction, after its rows were changed. */
  public interface Fault {
    /**
     * Runs the fault.
     *
     * @param attempt number of the chunk attempt, from 1
     */
    void strike(Connection connection, Chunk chunk, int attempt) throws SQLException;
  }

  public record Parameters(String table) {}

  private record Armed(Fault fault, AtomicInteger attempts) {}

  private static final ConcurrentHashMap<String, Armed> FAULTS = new ConcurrentHashMap<>();

  private static final Map<String, Integer> OWN_LOOKS = new ConcurrentHashMap<>();
  private static final Map<String, Integer> LOOKS_AHEAD = new ConcurrentHashMap<>();

  /** Returns how often the run itself has searched for the end of a chunk. */
  public static int ownLooks(WorkTable table) {
    return OWN_LOOKS.getOrDefault(table.name(), 0);
  }

  /** Returns how often the lookahead has searched for the end of a chunk. */
  public static int looksAhead(WorkTable table) {
    return LOOKS_AHEAD.getOrDefault(table.name(), 0);
  }

  /** Is called before the extent is found. */
  @FunctionalInterface
  public interface Preparation {
    void prepare(RunState run) throws SQLException;
  }

  private static final Map<String, Preparation> PREPARATIONS = new ConcurrentHashMap<>();

  /** Sets what happens before the extent of one table is found. */
  public static void prepare(WorkTable table, Preparation preparation) {
    PREPARATIONS.put(table.name(), preparation);
  }

  @Override
  public void prepare(Parameters parameters, RunState run) throws SQLException {
    Preparation preparation = PREPARATIONS.get(parameters.table());
    if (preparation != null) {
      preparation.prepare(run);
    }
  }

  /** Arms a fault for the task's work on one table. */
  public static void arm(WorkTable table, Fault fault) {
    FAULTS.put(table.name(), new Armed(fault, new AtomicInteger()));
  }

  /** Holds the number of ignored rows that each chunk reports. */
  public static final long IGNORED_IN_A_CHUNK = 3;

  @Override
  public String name() {
    return "faulty";
  }

  @Override
  public String description() {
    return "Adds 1 to each row, with faults.";
  }

  @Override
  public Class<Parameters> parametersType() {
    return Parameters.class;
  }

  @Override
  public ChunkedRun open(Parameters parameters, String project, Connection connection) {
    return new Adding(parameters.table(), OWN_LOOKS, new AtomicBoolean());
  }

  private record Adding(String table, Map<String, Integer> looks, AtomicBoolean asked)
      implements ChunkedRun {

    @Override
    public Optional<ChunkedRun> lookAheadRun() {
      return Optional.of(new Adding(table, LOOKS_AHEAD, new AtomicBoolean()));
    }

    @Override
    public Optional<Extent> extent(Connection connection) throws SQLException {
      asked.set(true);
      try (PreparedStatement select =
              connection.prepareStatement("SELECT MAX(id), COUNT(*) FROM " + table);
          ResultSet row = select.executeQuery()) {
        row.next();
        return row.getLong(2) == 0
            ? Optional.empty()
            : Optional.of(new Extent(row.getString(1), OptionalLong.of(row.getLong(2))));
      }
    }

    /**
     * Returns true only in the instance that has determined the extent, so only one lane reports
     * it.
     */
    @Override
    public boolean limitReached() {
      return asked.get();
    }

    @Override
    public Long ignored() {
      return IGNORED_IN_A_CHUNK;
    }

    @Override
    public Chunk next(Connection connection, @Nullable String after, String end, int rows) {
      looks.merge(table, 1, Integer::sum);
      long from = after == null ? 0 : Long.parseLong(after);
      long upTo = Math.min(Long.parseLong(end), from + rows);
      return new Chunk(after, Long.toString(upTo), upTo - from);
    }

    @Override
    public List<String> splitPoints(
        Connection connection, @Nullable String after, String end, int parts) {
      long from = after == null ? 0 : Long.parseLong(after);
      long span = Long.parseLong(end) - from;
      return span < parts
          ? List.of()
          : IntStream.range(1, parts)
              .mapToObj(i -> Long.toString(from + span * i / parts))
              .toList();
    }

    @Override
    public long apply(Connection connection, Chunk chunk) throws SQLException {
      long changed;
      try (PreparedStatement update =
          connection.prepareStatement(
              "UPDATE " + table + " SET n = n + 1 WHERE id > ? AND id <= ?")) {
        update.setLong(1, chunk.after() == null ? 0 : Long.parseLong(chunk.after()));
        update.setLong(2, Long.parseLong(chunk.upTo()));
        changed = update.executeUpdate();
      }
      Armed armed = FAULTS.get(table);
      if (armed != null) {
        armed.fault.strike(connection, chunk, armed.attempts.incrementAndGet());
      }
      return changed;
    }
  }
}
