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
 * Times are stored in UTC, and handed over as text: to MariaDB 10, which calls itself 5.5.5 first,
 * Connector/J sends times without their fractions, and no time zone of the session or of this JVM
 * has a say in a text.
 */
@Converter
public class StoredTime implements AttributeConverter<Instant, String> {

  private static final DateTimeFormatter WRITTEN =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS", Locale.ROOT);

  private static final DateTimeFormatter READ =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuu-MM-dd HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .toFormatter(Locale.ROOT);

  /** What a time is stored as. */
  public static String text(Instant time) {
    return WRITTEN.format(time.atOffset(ZoneOffset.UTC));
  }

  /** What a stored text says. */
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
