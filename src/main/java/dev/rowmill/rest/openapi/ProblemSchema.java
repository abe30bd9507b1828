package dev.rowmill.rest.openapi;

import static dev.rowmill.rest.openapi.Schemas.type;

import dev.rowmill.rest.http.ProblemType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;

/**
 * Describes problem documents of all types by one schema, whose further members have the types that
 * they have in the examples. Stateless.
 */
final class ProblemSchema {

  static final String NAME = "Problem";

  private ProblemSchema() {}

  /** Returns the schema. */
  static Schema of(ProblemExamples examples) {
    Schema schema =
        type(
                SchemaType.OBJECT,
                "A problem document (RFC 9457). Further members depend on the type; title and"
                    + " detail follow Accept-Language")
            .addProperty(
                "type",
                type(SchemaType.STRING, "Type of problem, the same in each language")
                    .addExample("/problems/project-busy"))
            .addProperty("title", type(SchemaType.STRING, "Short name of the type"))
            .addProperty("status", type(SchemaType.INTEGER, "The HTTP status"))
            .addProperty("detail", type(SchemaType.STRING, "What happened and what to do"))
            .addProperty(
                "instance", type(SchemaType.STRING, "Path of the object that the problem concerns"))
            .required(List.of("type", "title", "status", "instance"))
            .additionalPropertiesBoolean(true);
    Set<String> own = Set.copyOf(schema.getProperties().keySet());
    Map<String, Object> values = new LinkedHashMap<>();
    Map<String, Set<String>> types = new TreeMap<>();
    for (ProblemType problem : ProblemType.values()) {
      examples
          .of(problem)
          .forEach(
              (name, value) -> {
                if (!own.contains(name)) {
                  values.putIfAbsent(name, value);
                  types.computeIfAbsent(name, it -> new TreeSet<>()).add(problem.code());
                }
              });
    }
    types.forEach(
        (name, codes) ->
            schema.addProperty(
                name,
                member(Objects.requireNonNull(values.get(name)))
                    .description("Of " + String.join(", ", codes))));
    return schema;
  }

  /** Returns the schema of a member with a certain value. */
  private static Schema member(Object value) {
    Schema schema = OASFactory.createSchema();
    if (value instanceof Map<?, ?> members) {
      schema.addType(SchemaType.OBJECT);
      members.forEach(
          (name, it) -> schema.addProperty((String) name, member(it).addType(SchemaType.NULL)));
      return schema;
    } else if (value instanceof List<?> list) {
      return schema.addType(SchemaType.ARRAY).items(member(list.isEmpty() ? "" : list.get(0)));
    } else if (value instanceof Boolean) {
      return schema.addType(SchemaType.BOOLEAN);
    }
    return value instanceof Integer
        ? schema.addType(SchemaType.INTEGER).format("int64")
        : schema.addType(SchemaType.STRING);
  }
}
