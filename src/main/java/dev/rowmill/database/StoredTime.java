package dev.rowmill.database;

import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Converts times to and from text in UTC. As text they don't depend on the time zones of the
 * session and this JVM. Connector/J sends times without fractions to MariaDB 10, which first
 * reports its version as 5.5.5.
 */
@Converter(autoApply = true)
public class StoredTime implements AttributeConverter<Instant, String> {

  private static final DateTimeFormatter WRITTEN =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS", Locale.ROOT);

  private static final DateTimeFormatter READ =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuu-MM-dd HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .toFormatter(Locale.ROOT);

  /** Returns the text that is stored for a time. */
  public static String text(Instant time) {
    return WRITTEN.format(time.atOffset(ZoneOffset.UTC));
  }

  /** Parses a stored text. */
  public static Instant time(String text) {
    return LocalDateTime.parse(text, READ).toInstant(ZoneOffset.UTC);
  }

  @Override
  public @Nullable String convertToDatabaseColumn(@Nullable Instant time) {
    return time == null ? null : text(time);
  }

  @Override
  public @Nullable Instant convertToEntityAttribute(@Nullable String text) {
    return text == null ? null : time(text);
  }
}
