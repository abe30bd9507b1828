package dev.rowmill.rest.batch;

import dev.rowmill.rest.batch.EvidencePages.ConflictBody;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes conflicts as CSV (RFC 4180) with a header line: the columns of the key as {@code
 * key.<column>}, then {@code reason} and {@code detail}. Stateless.
 */
public final class ConflictCsv {

  private static final String END_OF_LINE = "\r\n";

  private ConflictCsv() {}

  public static String of(List<ConflictBody> conflicts) {
    Set<String> columns = new LinkedHashSet<>();
    conflicts.forEach(conflict -> conflict.key().fieldNames().forEachRemaining(columns::add));
    List<@Nullable String> header = new ArrayList<>();
    columns.forEach(column -> header.add("key." + column));
    header.add("reason");
    header.add("detail");
    var csv = new StringBuilder(line(header));
    for (ConflictBody conflict : conflicts) {
      List<@Nullable String> fields = new ArrayList<>();
      columns.forEach(column -> fields.add(conflict.key().path(column).asText(null)));
      fields.add(conflict.reason());
      fields.add(conflict.detail());
      csv.append(line(fields));
    }
    return csv.toString();
  }

  private static String line(List<@Nullable String> fields) {
    return fields.stream()
        .map(ConflictCsv::field)
        .collect(Collectors.joining(",", "", END_OF_LINE));
  }

  private static String field(@Nullable String text) {
    if (text == null) {
      return "";
    }
    boolean plain = text.chars().noneMatch(c -> c == '"' || c == ',' || c == '\r' || c == '\n');
    return plain && !text.isEmpty() ? text : '"' + text.replace("\"", "\"\"") + '"';
  }
}
