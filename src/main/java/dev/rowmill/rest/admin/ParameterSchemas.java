package dev.rowmill.rest.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.victools.jsonschema.generator.Option;
import com.github.victools.jsonschema.generator.OptionPreset;
import com.github.victools.jsonschema.generator.SchemaGenerator;
import com.github.victools.jsonschema.generator.SchemaGeneratorConfigBuilder;
import com.github.victools.jsonschema.generator.SchemaVersion;
import com.github.victools.jsonschema.module.jakarta.validation.JakartaValidationModule;
import com.github.victools.jsonschema.module.jakarta.validation.JakartaValidationOption;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.ConcurrentHashMap;

/** Generates the JSON Schemas of tasks' parameters and caches them. Safe for many threads. */
@ApplicationScoped
public class ParameterSchemas {

  private final ConcurrentHashMap<Class<?>, JsonNode> made = new ConcurrentHashMap<>();
  private final SchemaGenerator generator;

  public ParameterSchemas() {
    var config =
        new SchemaGeneratorConfigBuilder(SchemaVersion.DRAFT_2020_12, OptionPreset.PLAIN_JSON)
            .with(
                Option.FORBIDDEN_ADDITIONAL_PROPERTIES_BY_DEFAULT,
                Option.ADDITIONAL_FIXED_TYPES,
                Option.STANDARD_FORMATS)
            .with(
                new JakartaValidationModule(
                    JakartaValidationOption.NOT_NULLABLE_FIELD_IS_REQUIRED,
                    JakartaValidationOption.INCLUDE_PATTERN_EXPRESSIONS));
    // Keep the order of the record's components.
    config.forTypesInGeneral().withPropertySorter((one, other) -> 0);
    // A primitive cannot be left out, so it is required even without a constraint.
    config.forFields().withRequiredCheck(field -> field.getType().getErasedType().isPrimitive());
    generator = new SchemaGenerator(config.build());
  }

  public JsonNode of(Class<? extends Record> parameters) {
    return made.computeIfAbsent(parameters, generator::generateSchema);
  }
}
