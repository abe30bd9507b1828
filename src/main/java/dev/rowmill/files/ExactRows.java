package dev.rowmill.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowmill.sql.run.ImageColumn;
import dev.rowmill.sql.run.ImageColumn.Form;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Converts whole rows of a table to rows of a file and back, without loss. A row has a last column
 * more, which is NULL unless the format does not represent a value of it: then the column holds a
 * JSON object with the bytes of those values in Base64, as {@link ImageColumn} encodes them. Not
 * thread-safe.
 */
public final class ExactRows {

  /** Reads values of any length: a column may hold them. */
  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
              .build());

  private static final int FEW = 200;

  private final List<ExactValue> values;
  private final List<ImageColumn> columns;

  /** Creates it for a format, or null to convert from a file only. */
  private ExactRows(@Nullable FileFormat format, List<ImageColumn> columns) {
    values = columns.stream().map(column -> new ExactValue(column, format)).toList();
    this.columns = new ArrayList<>(columns);
    this.columns.add(new ImageColumn(name(columns), Form.TEXT, "longtext", "utf8mb4", null));
  }

  /** Returns a conversion of rows for files of a format. */
  public static ExactRows to(FileFormat format, List<ImageColumn> columns) {
    return new ExactRows(format, columns);
  }

  /**
   * Returns a conversion of the rows of a file.
   *
   * @param columns columns of the table, in the order of the file
   */
  public static ExactRows from(List<ImageColumn> columns) {
    return new ExactRows(null, columns);
  }

  private static String name(List<ImageColumn> columns) {
    String name = "_exact";
    while (isAmong(name, columns)) {
      name = "_" + name;
    }
    return name;
  }

  private static boolean isAmong(String name, List<ImageColumn> columns) {
    return columns.stream().anyMatch(column -> column.name().equalsIgnoreCase(name));
  }

  /** Returns the columns of the file, of which the last is not one of the table. */
  public List<ImageColumn> columns() {
    return columns;
  }

  /**
   * Returns a row for a {@link RowWriter}.
   *
   * @param row values as {@link ImageColumn} encodes them
   * @param texts the same texts in UTF-8, for text in another encoding; else null
   */
  public byte[] @Nullable [] toFile(byte[] @Nullable [] row, byte[] @Nullable [] texts) {
    byte[][] written = Arrays.copyOf(row, row.length + 1);
    ObjectNode exact = null;
    for (int i = 0; i < row.length; i++) {
      byte[] value = row[i];
      if (value == null) {
        continue;
      }
      ExactValue column = values.get(i);
      byte[] text = texts[i] == null ? value : texts[i];
      if (!column.isRepresented(value, text)) {
        exact = exact == null ? JsonNodeFactory.instance.objectNode() : exact;
        exact.put(column.name(), value);
      }
      written[i] = column.isText() ? Utf8Bytes.valid(text) : value;
    }
    written[row.length] = exact == null ? null : exact.toString().getBytes(StandardCharsets.UTF_8);
    return written;
  }

  /**
   * Returns the values of a row, as {@link ImageColumn} encodes them.
   *
   * @param texts values of all columns of the file
   * @throws IOException if a value is none of its column
   */
  public byte[] @Nullable [] fromFile(@Nullable String[] texts) throws IOException {
    byte[][] row = new byte[values.size()][];
    String last = texts[row.length];
    JsonNode exact = last == null ? null : read(last);
    for (int i = 0; i < row.length; i++) {
      String text = texts[i];
      JsonNode bytes = exact == null ? null : exact.get(values.get(i).name());
      if (bytes != null) {
        row[i] = bytes.binaryValue();
      } else if (text != null) {
        row[i] = value(values.get(i), text);
      }
    }
    return row;
  }

  private static byte[] value(ExactValue column, String text) throws IOException {
    try {
      return column.of(text);
    } catch (RuntimeException e) {
      String some = text.length() > FEW ? text.substring(0, FEW) + "…" : text;
      throw new IOException("the column " + column.name() + " can't hold the value " + some, e);
    }
  }

  private static JsonNode read(String json) throws IOException {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IOException("the exact values of a row are no JSON", e);
    }
  }
}
