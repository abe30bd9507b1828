package dev.rowmill.batch.store;

import dev.rowmill.batch.StoredJson;
import dev.rowmill.database.ControlTransactions;
import dev.rowmill.database.Digests;
import dev.rowmill.database.Rows;
import dev.rowmill.task.Definition;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stores the definitions of tables, each once, under its digest. Safe for many threads and nodes.
 * Throws a runtime exception with the SQL error among its causes when the database can't be
 * reached.
 */
@ApplicationScoped
public class DefinitionStore {

  /** Limits the number of digests in memory. */
  private static final int MOST = 10_000;

  private final ControlTransactions transactions;

  /** Holds the digests of definitions that are stored for certain. */
  private final Set<String> stored = ConcurrentHashMap.newKeySet();

  DefinitionStore(ControlTransactions transactions) {
    this.transactions = transactions;
  }

  /** Stores a definition, unless this process knows that it is stored; returns its digest. */
  public String store(Definition definition) {
    String json = StoredJson.write(definition);
    String digest = Digests.sha256Hex(json);
    if (!stored.contains(digest)) {
      transactions.sql(
          connection ->
              Rows.update(
                  connection,
                  "INSERT INTO table_definition (digest, definition) VALUES (?, ?)"
                      + " ON DUPLICATE KEY UPDATE digest = digest",
                  digest,
                  json));
      if (stored.size() >= MOST) {
        stored.clear();
      }
      stored.add(digest);
    }
    return digest;
  }

  /** Returns the definition at the start of a batch; empty where none is stored. */
  public Optional<Definition> ofBatch(long id) {
    return transactions
        .read(
            connection ->
                Rows.first(
                    connection,
                    "SELECT d.definition FROM batch b JOIN table_definition d"
                        + " ON d.digest = b.definition WHERE b.id = ?",
                    row -> row.getString(1),
                    id))
        .map(json -> StoredJson.read(json, Definition.class));
  }
}
