package dev.rowmill.upload;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.sql.run.FileChange.Action;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Holds the parameters of an {@link UploadTask}.
 *
 * @param upload name of the upload
 * @param table name of the changed table, with its schema
 * @param match columns of the table by which a line finds its rows
 * @param action insert, update, upsert or delete
 * @param set column of the file by the column of the table that it is written to; null for all
 *     columns that have the same name, except those to match or to expect
 * @param expect column of the file by the column of the table that must be equal
 */
public record UploadParameters(
    @NotNull String upload,
    @NotNull String table,
    @NotEmpty List<@NotNull String> match,
    @NotNull @JsonProperty("do") Do action,
    @Nullable Map<String, String> set,
    @Nullable Map<String, String> expect) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Returns the name of the upload in stored parameters. */
  static String uploadOf(String json) {
    try {
      return JSON.readTree(json).path("upload").asText();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the parameters of a batch can't be read", e);
    }
  }

  /** Represents what happens to the rows, as requests spell it. */
  public enum Do {
    @JsonProperty("insert")
    INSERT,
    @JsonProperty("update")
    UPDATE,
    @JsonProperty("upsert")
    UPSERT,
    @JsonProperty("delete")
    DELETE;

    Action action() {
      return Action.valueOf(name());
    }

    /** Returns the name that requests use. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
