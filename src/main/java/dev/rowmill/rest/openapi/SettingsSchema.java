package dev.rowmill.rest.openapi;

import static dev.rowmill.rest.openapi.ApiDocument.type;

import dev.rowmill.rest.batch.SettingsBody;
import java.math.BigDecimal;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;

/** Describes the settings of a batch for the OpenAPI document. Stateless. */
final class SettingsSchema {

  private SettingsSchema() {}

  /** Returns the schema of the body that changes settings. */
  static Schema whole() {
    return type(SchemaType.OBJECT, "Settings to change; members that are left out are unchanged")
        .addProperty("chunk", chunk())
        .addProperty("lanes", lanes())
        .addProperty("limits", OASFactory.createSchema().ref("#/components/schemas/Limits"))
        .additionalPropertiesBoolean(false);
  }

  static Schema chunk() {
    return type(
            SchemaType.OBJECT,
            "Size of the chunks; rows alone fixes it, and a target adapts it to their duration")
        .addProperty(
            "rows",
            bounded(
                SchemaType.INTEGER,
                "Rows of a chunk, which is one short transaction; with a target, the rows of the"
                    + " next chunk",
                SettingsBody.FEWEST_ROWS,
                SettingsBody.MOST_ROWS))
        .addProperty(
            "targetMillis",
            bounded(
                SchemaType.INTEGER,
                "Target duration of a chunk in milliseconds",
                1,
                SettingsBody.LONGEST_TARGET))
        .additionalPropertiesBoolean(false);
  }

  static Schema lanes() {
    return bounded(
        SchemaType.INTEGER,
        "Maximum number of workers that process the batch in parallel, if the pool has threads for"
            + " them",
        1,
        SettingsBody.MOST_LANES);
  }

  static Schema limits() {
    Schema limits =
        type(
            SchemaType.OBJECT,
            "Throttle limits that replace the configured ones; 0 means no limit. docs/throttles.md"
                + " describes them");
    SettingsBody.LIMITS.forEach(
        (name, most) ->
            limits.addProperty(
                name,
                bounded(
                    name.equals("nice") ? SchemaType.NUMBER : SchemaType.INTEGER,
                    describe(name),
                    0,
                    most)));
    return limits
        .addProperty(
            SettingsBody.IGNORE, type(SchemaType.BOOLEAN, "Whether to run without any throttle"))
        .additionalPropertiesBoolean(false);
  }

  private static String describe(String name) {
    return switch (name) {
      case "replicaLagMillis" -> "Maximum lag of a replica, in milliseconds";
      case "threadsRunning" -> "Maximum number of statements that the server runs at the same time";
      case "threadsRunningCritical" -> "Number of such statements at which the batch fails";
      case "commitMillis" -> "Maximum duration of the chunks' commits, in milliseconds";
      case "historyLength" -> "Maximum length of InnoDB's history list";
      case "lockWaitMillis" ->
          "Maximum time that others wait for locks of a chunk, in milliseconds";
      case "rowsPerSecond" -> "Maximum rows scanned per second, over all lanes";
      case "nice" -> "Pause after a chunk, as a multiple of its duration";
      default -> throw new IllegalStateException("no text for " + name);
    };
  }

  private static Schema bounded(SchemaType type, String description, int min, int max) {
    return type(type, description)
        .minimum(BigDecimal.valueOf(min))
        .maximum(BigDecimal.valueOf(max));
  }
}
