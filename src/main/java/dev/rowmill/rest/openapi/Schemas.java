package dev.rowmill.rest.openapi;

import java.util.List;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;

/** Builds schemas for the OpenAPI document. Stateless. */
final class Schemas {

  private Schemas() {}

  /** Returns a schema of one type. */
  static Schema type(SchemaType type, String description) {
    return OASFactory.createSchema().addType(type).description(description);
  }

  /** Returns a schema that values of any of several schemas match. */
  static Schema anyOf(Schema... schemas) {
    return OASFactory.createSchema().anyOf(List.of(schemas));
  }

  /** Returns a reference to the schema of a component. */
  static Schema ref(String name) {
    return OASFactory.createSchema().ref(name);
  }

  /** Returns the schema of a component, which must exist. */
  static Schema component(Components components, String name) {
    Schema schema = components.getSchemas().get(name);
    if (schema == null) {
      throw new IllegalStateException("the OpenAPI document has no schema " + name);
    }
    return schema;
  }

  /** Returns the schema of an object's member, which must exist. */
  static Schema property(Schema schema, String name) {
    Schema property = schema.getProperties().get(name);
    if (property == null) {
      throw new IllegalStateException("the OpenAPI document has no property " + name);
    }
    return property;
  }
}
