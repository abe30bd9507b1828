package dev.rowmill.batch;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.io.IOException;
import java.time.Instant;
import java.util.OptionalLong;

/**
 * Writes records as the JSON in which they are stored, and reads them. Leaves out members that are
 * null, ignores unknown members of a newer version, and rounds no number. Safe for many threads.
 */
public final class StoredJson {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
          .visibility(PropertyAccessor.IS_GETTER, Visibility.NONE)
          .addModule(
              new SimpleModule()
                  .addSerializer(Instant.class, ToStringSerializer.instance)
                  .addDeserializer(Instant.class, new InstantReader())
                  .addSerializer(OptionalLong.class, new OptionalLongWriter())
                  .addDeserializer(OptionalLong.class, new OptionalLongReader()))
          .build();

  /** Reads an instant in ISO format. */
  private static final class InstantReader extends StdDeserializer<Instant> {
    private static final long serialVersionUID = 1L;

    InstantReader() {
      super(Instant.class);
    }

    @Override
    public Instant deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      return Instant.parse(parser.getText());
    }
  }

  /** Writes a number, or null for none. */
  private static final class OptionalLongWriter extends StdSerializer<OptionalLong> {
    private static final long serialVersionUID = 1L;

    OptionalLongWriter() {
      super(OptionalLong.class);
    }

    @Override
    public void serialize(OptionalLong value, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      if (value.isPresent()) {
        json.writeNumber(value.getAsLong());
      } else {
        json.writeNull();
      }
    }
  }

  /** Reads a number, or none where it is null or left out. */
  private static final class OptionalLongReader extends StdDeserializer<OptionalLong> {
    private static final long serialVersionUID = 1L;

    OptionalLongReader() {
      super(OptionalLong.class);
    }

    @Override
    public OptionalLong deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      return OptionalLong.of(parser.getLongValue());
    }

    @Override
    public OptionalLong getNullValue(DeserializationContext context) {
      return OptionalLong.empty();
    }
  }

  private StoredJson() {}

  public static String write(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("can't be stored as JSON: " + value.getClass(), e);
    }
  }

  public static <T> T read(String json, Class<T> type) {
    try {
      return MAPPER.readValue(json, type);
    } catch (JsonProcessingException e) {
      // The cause would quote the JSON, which may contain secret values.
      throw new IllegalStateException(
          "stored JSON is no " + type.getSimpleName() + ": " + e.getOriginalMessage());
    }
  }
}
