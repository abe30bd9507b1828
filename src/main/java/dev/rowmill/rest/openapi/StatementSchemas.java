package dev.rowmill.rest.openapi;

import static dev.rowmill.rest.openapi.ApiDocument.type;

import dev.rowmill.dispatch.statement.ParameterRule;
import dev.rowmill.dispatch.statement.ParameterType;
import dev.rowmill.rest.batch.BoundsBody;
import dev.rowmill.rest.batch.SavedStatementBody;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;

/** Describes bounds and saved statements for the OpenAPI document. Stateless. */
final class StatementSchemas {

  private StatementSchemas() {}

  /** Returns the schema of the body that saves a statement. */
  static Schema request() {
    Schema parameter =
        type(SchemaType.OBJECT, "Rules for the values of one parameter")
            .addProperty(
                "type",
                type(SchemaType.STRING, "Type of its values")
                    .enumeration(
                        Arrays.stream(ParameterType.values())
                            .map(it -> (Object) it.text())
                            .toList()))
            .addProperty(
                "list", type(SchemaType.BOOLEAN, "Whether it is a list of such values, for IN"))
            .addProperty("minimum", any("Smallest allowed number, date, date-time or time"))
            .addProperty("maximum", any("Largest allowed number, date, date-time or time"))
            .addProperty(
                "maxLength",
                type(SchemaType.INTEGER, "Maximum number of characters of a text")
                    .minimum(BigDecimal.ONE)
                    .maximum(BigDecimal.valueOf(SavedStatementBody.LONGEST_TEXT))
                    .defaultValue(ParameterRule.LONGEST))
            .addProperty(
                "allowed",
                type(SchemaType.ARRAY, "Only values allowed")
                    .items(OASFactory.createSchema())
                    .maxItems(SavedStatementBody.MOST_ALLOWED))
            .addProperty("nullable", type(SchemaType.BOOLEAN, "Whether it may be null"))
            .addProperty("default", any("Value used when none is given"))
            .addProperty(
                "secret",
                type(
                    SchemaType.BOOLEAN,
                    "Whether its values are never shown, and are deleted when a batch ends"))
            .required(List.of("type"))
            .additionalPropertiesBoolean(false);
    return BodySchema.addTo(
            type(
                SchemaType.OBJECT,
                "A statement, and the values and bounds that its starts may use"),
            BoundsBody.class)
        .addProperty(
            "sql",
            type(SchemaType.STRING, "SQL as in a start; each of its parameters must be declared")
                .minLength(1))
        .addProperty(
            "description",
            type(SchemaType.STRING, "Purpose of the statement")
                .maxLength(SavedStatementBody.LONGEST_DESCRIPTION))
        .addProperty(
            "parameters",
            type(SchemaType.OBJECT, "Rules for the values of each parameter, by name")
                .additionalPropertiesSchema(parameter))
        .addProperty(
            "projects",
            type(
                    SchemaType.ARRAY,
                    "Patterns of the projects that may start it; * matches any characters")
                .items(type(SchemaType.STRING, "A pattern"))
                .maxItems(SavedStatementBody.MOST_PROJECTS))
        .addProperty("wholeTable", type(SchemaType.BOOLEAN, "Confirms a statement without WHERE"))
        .required(List.of("sql"))
        .additionalPropertiesBoolean(false);
  }

  private static Schema any(String description) {
    return OASFactory.createSchema().description(description);
  }
}
