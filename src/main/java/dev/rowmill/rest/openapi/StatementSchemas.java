package dev.rowmill.rest.openapi;

import static dev.rowmill.rest.openapi.ApiDocument.type;

import dev.rowmill.dispatch.statement.ParameterRule;
import dev.rowmill.dispatch.statement.ParameterType;
import dev.rowmill.rest.admin.SavedStatementBody;
import dev.rowmill.rest.batch.BoundsBody;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;

/** Describes bounds and saved statements for the OpenAPI document. Stateless. */
final class StatementSchemas {

  private StatementSchemas() {}

  /** Adds the bounds of a start or a saved statement to a schema. */
  static Schema bounds(Schema schema) {
    return schema
        .addProperty(
            BoundsBody.MAX_ROWS,
            type(
                    SchemaType.INTEGER,
                    "Rows that it may plan to change, and change; narrower than what holds anyhow")
                .format("int64")
                .minimum(BigDecimal.ONE))
        .addProperty(
            BoundsBody.MAX_DURATION,
            type(
                    SchemaType.INTEGER,
                    "Milliseconds that its runs may take together, but for the time outside of its"
                        + " window")
                .format("int64")
                .minimum(BigDecimal.ONE)
                .maximum(BigDecimal.valueOf(BoundsBody.LONGEST_DURATION)))
        .addProperty(
            BoundsBody.WINDOW, OASFactory.createSchema().ref("#/components/schemas/Window"));
  }

  /** Returns the schema of the body that saves a statement. */
  static Schema request() {
    Schema parameter =
        type(SchemaType.OBJECT, "What one parameter may be")
            .addProperty(
                "type",
                type(SchemaType.STRING, "What its values are")
                    .enumeration(
                        Arrays.stream(ParameterType.values())
                            .map(it -> (Object) it.text())
                            .toList()))
            .addProperty("list", type(SchemaType.BOOLEAN, "Whether it is a list of these, for IN"))
            .addProperty("minimum", any("Smallest number, date, date-time or time"))
            .addProperty("maximum", any("Largest number, date, date-time or time"))
            .addProperty(
                "maxLength",
                type(SchemaType.INTEGER, "Characters of a text, at most")
                    .minimum(BigDecimal.ONE)
                    .maximum(BigDecimal.valueOf(SavedStatementBody.LONGEST_TEXT))
                    .defaultValue(ParameterRule.LONGEST))
            .addProperty(
                "allowed",
                type(SchemaType.ARRAY, "The only values")
                    .items(OASFactory.createSchema())
                    .maxItems(SavedStatementBody.MOST_ALLOWED))
            .addProperty("nullable", type(SchemaType.BOOLEAN, "Whether it may be null"))
            .addProperty("default", any("Its value where none is given"))
            .addProperty(
                "secret",
                type(
                    SchemaType.BOOLEAN,
                    "Whether its values are shown to nobody, and forgotten when a batch ends"))
            .required(List.of("type"))
            .additionalPropertiesBoolean(false);
    return bounds(type(SchemaType.OBJECT, "A statement, and what a start of it may say"))
        .addProperty(
            "sql",
            type(SchemaType.STRING, "As in a start; each of its parameters must be declared")
                .minLength(1))
        .addProperty(
            "description",
            type(SchemaType.STRING, "What it is for")
                .maxLength(SavedStatementBody.LONGEST_DESCRIPTION))
        .addProperty(
            "parameters",
            type(SchemaType.OBJECT, "What each parameter may be, by name")
                .additionalPropertiesSchema(parameter))
        .addProperty(
            "projects",
            type(SchemaType.ARRAY, "The projects that it is for; * stands for any characters")
                .items(type(SchemaType.STRING, "A pattern"))
                .maxItems(SavedStatementBody.MOST_PROJECTS))
        .addProperty(
            "wholeTable", type(SchemaType.BOOLEAN, "Whether a statement without WHERE is meant so"))
        .required(List.of("sql"))
        .additionalPropertiesBoolean(false);
  }

  private static Schema any(String description) {
    return OASFactory.createSchema().description(description);
  }
}
