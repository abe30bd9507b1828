package dev.rowmill.batch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * Holds the bounds of a batch; null for no bound. Immutable.
 *
 * @param maxRows maximum number of rows that it may plan to change, and change
 * @param maxDurationMillis maximum duration of all its runs together
 * @param window times at which it may run
 */
public record Bounds(
    @Nullable Long maxRows, @Nullable Long maxDurationMillis, @Nullable Window window) {

  /** Sets no bound. */
  public static final Bounds NONE = new Bounds(null, null, null);

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Returns these bounds, completed by others where this has none. */
  public Bounds or(Bounds others) {
    return new Bounds(
        maxRows == null ? others.maxRows : maxRows,
        maxDurationMillis == null ? others.maxDurationMillis : maxDurationMillis,
        window == null ? others.window : window);
  }

  /** Returns a JSON object with the members that are not null. */
  public String toJson() {
    ObjectNode json = JSON.createObjectNode();
    if (maxRows != null) {
      json.put("maxRows", maxRows);
    }
    if (maxDurationMillis != null) {
      json.put("maxDurationMillis", maxDurationMillis);
    }
    if (window != null) {
      json.set("window", window.toJson());
    }
    return json.toString();
  }

  public static Bounds fromJson(String json) {
    try {
      JsonNode read = JSON.readTree(json);
      return read.isEmpty()
          ? NONE
          : new Bounds(
              read.has("maxRows") ? Long.valueOf(read.get("maxRows").asLong()) : null,
              read.has("maxDurationMillis")
                  ? Long.valueOf(read.get("maxDurationMillis").asLong())
                  : null,
              read.has("window") ? Window.of(read.get("window")) : null);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("stored bounds can't be read: " + json, e);
    }
  }
}
