package dev.rowmill.batch;

import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * A point in time as a {@code DATETIME(3)} in UTC, sent as text: the driver cuts the milliseconds
 * off a timestamp for a server that calls itself 5.5.5, as MariaDB before 11 does.
 */
@Converter
class StoredInstant implements AttributeConverter<@Nullable Instant, @Nullable String> {

  private static final DateTimeFormatter TEXT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

  @Override
  public @Nullable String convertToDatabaseColumn(@Nullable Instant instant) {
    return instant == null ? null : TEXT.format(instant);
  }

  @Override
  public @Nullable Instant convertToEntityAttribute(@Nullable String text) {
    return text == null
        ? null
        : LocalDateTime.parse(text.replace(' ', 'T')).toInstant(ZoneOffset.UTC);
  }
}
