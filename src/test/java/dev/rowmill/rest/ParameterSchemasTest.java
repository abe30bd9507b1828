package dev.rowmill.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.rest.admin.ParameterSchemas;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

class ParameterSchemasTest {

  enum Colour {
    RED,
    GREEN
  }

  record Inner(int depth) {}

  record Sample(
      @NotBlank @Size(max = 20) String name,
      @NotNull BigDecimal factor,
      @Min(1) @Max(9) int times,
      LocalDate day,
      Colour colour,
      List<String> tags,
      Inner inner) {}

  private final ParameterSchemas schemas = new ParameterSchemas();

  @Test
  void a_record_and_its_constraints_become_a_schema() throws JsonProcessingException {
    assertEquals(
        new ObjectMapper()
            .readTree(
                """
                {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
                 "properties": {
                   "name": {"type": "string", "minLength": 1, "maxLength": 20},
                   "factor": {"type": "number"},
                   "times": {"type": "integer", "minimum": 1, "maximum": 9},
                   "day": {"type": "string", "format": "date"},
                   "colour": {"type": "string", "enum": ["RED", "GREEN"]},
                   "tags": {"type": "array", "items": {"type": "string"}},
                   "inner": {"type": "object", "properties": {"depth": {"type": "integer"}},
                     "required": ["depth"], "additionalProperties": false}},
                 "required": ["name", "factor", "times"], "additionalProperties": false}
                """)
            .toString(),
        schemas.of(Sample.class).toString());
  }

  @Test
  void a_schema_is_created_once() {
    assertSame(schemas.of(Sample.class), schemas.of(Sample.class));
  }
}
