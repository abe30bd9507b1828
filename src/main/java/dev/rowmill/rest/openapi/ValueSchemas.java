package dev.rowmill.rest.openapi;

import static dev.rowmill.rest.openapi.Schemas.type;

import dev.rowmill.batch.Labels;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;

/** Describes the values of a statement's parameters for the OpenAPI document. Stateless. */
final class ValueSchemas {

  static final String TYPED_VALUE = "TypedValue";

  private ValueSchemas() {}

  /**
   * Describes the parameters of a start, whose values may be any: for a task, its own schema
   * defines them. A schema for the values of a statement would let generated clients require a
   * class of their own for each value.
   */
  static Schema parameters() {
    return type(SchemaType.OBJECT, "Values of the named parameters, or the parameters of the task")
        .additionalPropertiesSchema(
            OASFactory.createSchema()
                .description(
                    "For a statement: a text, a number, true, false, null, an object as the schema"
                        + " TypedValue describes, or, for IN, a list of at least one of them. A text"
                        + " is never rewritten, with one exception: a date and time with an offset"
                        + " that is directly compared with or assigned to a date-time column is"
                        + " converted to the time zone of the database session. Numbers retain all"
                        + " their digits, up to DECIMAL(65,30). For a task: as its own schema"
                        + " defines"));
  }

  /** Describes a value with the name of its type. */
  static Schema typed() {
    return type(SchemaType.OBJECT, "A value whose only member names its type")
        .addProperty(
            "datetime",
            text(
                "A date and time; one with an offset is converted to the time zone of the database"
                    + " session",
                "2026-03-01T10:15:00Z"))
        .addProperty("date", text("A date", "2026-03-01"))
        .addProperty("time", text("A time from -838:59:59 to 838:59:59", "-12:30:00.5"))
        .addProperty(
            "decimal", text("A decimal number, up to DECIMAL(65,30)", "12345678901234567890.10"))
        .addProperty(
            "json",
            OASFactory.createSchema()
                .description("Any JSON value, as a document; at most 31 levels"))
        .addProperty("base64", text("Bytes in Base64, with padding", "AP8="))
        .minProperties(1)
        .maxProperties(1)
        .additionalPropertiesBoolean(false);
  }

  /** Describes the labels of a batch. */
  static Schema labels() {
    return type(SchemaType.OBJECT, "Labels, by which lists are filtered")
        .maxProperties(Labels.MOST)
        .propertyNames(
            type(SchemaType.STRING, "Name of the label").pattern("^[A-Za-z0-9._-]{1,64}$"))
        .additionalPropertiesSchema(
            type(SchemaType.STRING, "Value, without spaces around it")
                .minLength(1)
                .maxLength(Labels.LONGEST_VALUE))
        .addExample(Map.of("ticket", "OPS-7"));
  }

  private static Schema text(String description, String example) {
    return type(SchemaType.STRING, description).addExample(example);
  }
}
