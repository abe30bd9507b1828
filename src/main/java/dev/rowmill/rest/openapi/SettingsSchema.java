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
    return type(SchemaType.OBJECT, "What to change; what is left out stays as it is")
        .addProperty("chunk", chunk())
        .addProperty("lanes", lanes())
        .addProperty("limits", OASFactory.createSchema().ref("#/components/schemas/Limits"))
        .additionalPropertiesBoolean(false);
  }

  static Schema chunk() {
    return type(
            SchemaType.OBJECT,
            "How large the chunks are; rows alone fix it, a target lets it follow their time")
        .addProperty(
            "rows",
            bounded(
                SchemaType.INTEGER,
                "Rows of a chunk, each chunk one short transaction; with a target those of the next",
                SettingsBody.FEWEST_ROWS,
                SettingsBody.MOST_ROWS))
        .addProperty(
            "targetMillis",
            bounded(
                SchemaType.INTEGER,
                "Milliseconds that a chunk should take",
                1,
                SettingsBody.LONGEST_TARGET))
        .additionalPropertiesBoolean(false);
  }

  static Schema lanes() {
    return bounded(
        SchemaType.INTEGER,
        "Workers that share the batch, as far as the pool has threads for them",
        1,
        SettingsBody.MOST_LANES);
  }

  static Schema limits() {
    Schema limits =
        type(
            SchemaType.OBJECT,
            "Limits of its own, in place of those configured; 0 is no limit. docs/throttles.md"
                + " tells what they are");
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
            SettingsBody.IGNORE,
            type(SchemaType.BOOLEAN, "Whether nothing of the server holds the batch back"))
        .additionalPropertiesBoolean(false);
  }

  private static String describe(String name) {
    return switch (name) {
      case "replicaLagMillis" -> "How far a replica may be behind, in milliseconds";
      case "threadsRunning" -> "Statements that the server may run at once";
      case "threadsRunningCritical" -> "So many of them that the batch fails";
      case "commitMillis" -> "How long the commits of chunks may take, in milliseconds";
      case "historyLength" -> "Length of InnoDB's history list";
      case "lockWaitMillis" -> "How long others may wait for what a chunk locks, in milliseconds";
      case "rowsPerSecond" -> "Rows looked at in a second, over all lanes";
      case "nice" -> "Rest after a chunk, as a share of the time that it took";
      default -> throw new IllegalStateException("no text for " + name);
    };
  }

  private static Schema bounded(SchemaType type, String description, int min, int max) {
    return type(type, description)
        .minimum(BigDecimal.valueOf(min))
        .maximum(BigDecimal.valueOf(max));
  }
}
