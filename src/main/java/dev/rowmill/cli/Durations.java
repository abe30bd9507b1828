package dev.rowmill.cli;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads durations such as 90s, 10m and 2h; a number alone is in seconds. Stateless. */
@RegisterForReflection
final class Durations implements ITypeConverter<Duration> {

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})([smhd]?)");

  /** Is so long that it makes no difference, and not too long for nanoseconds. */
  static final Duration LONGEST = Duration.ofDays(10_000);

  @Override
  public Duration convert(String text) {
    Matcher duration = DURATION.matcher(text);
    if (!duration.matches()) {
      throw new TypeConversionException("'" + text + "' is not a duration such as 90s, 10m or 2h");
    }
    long number = Long.parseLong(duration.group(1));
    Duration read =
        switch (duration.group(2)) {
          case "m" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          case "d" -> Duration.ofDays(number);
          default -> Duration.ofSeconds(number);
        };
    return read.compareTo(LONGEST) > 0 ? LONGEST : read;
  }
}
