package dev.rowmill.database;

import java.util.Locale;
import java.util.Set;

/** Lists the tables that belong to Rowmill: its own, that of db-scheduler, and that of Flyway. */
public final class OwnTables {

  /** Holds their names in lower case; a test compares them with the schema. */
  public static final Set<String> NAMES =
      Set.of(
          "access_token",
          "audit",
          "audit_head",
          "batch",
          "batch_condition",
          "batch_label",
          "batch_plan",
          "batch_wait",
          "chain",
          "chunk_record",
          "chunk_record_part",
          "chunk_size",
          "due",
          "export_manifest",
          "export_part",
          "http_task",
          "installation",
          "lane",
          "launch",
          "node",
          "project",
          "rowmill_schema_history",
          "saved_statement",
          "schedule",
          "schedule_label",
          "schedule_run",
          "serial_queue_lock",
          "serial_queue",
          "sign_in",
          "skipped_row",
          "table_definition",
          "task_offer",
          "timeline",
          "undo_conflict",
          "upload",
          "upload_error",
          "webhook_delivery");

  /** Begins the names of the tables with the rows of uploads, which end with a number. */
  public static final String UPLOADED = "upload_rows_";

  private OwnTables() {}

  /** Returns whether a table of this name, in any case, belongs to Rowmill. */
  public static boolean contains(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return NAMES.contains(lower) || lower.startsWith(UPLOADED);
  }
}
