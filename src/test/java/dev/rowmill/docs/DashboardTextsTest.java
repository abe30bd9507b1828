package dev.rowmill.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.rowmill.batch.BatchKind;
import dev.rowmill.batch.BatchStatus;
import dev.rowmill.batch.ThrottleLimits;
import dev.rowmill.security.Role;
import dev.rowmill.throttle.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests that the dashboard has a text for each name that it gets from the service. */
class DashboardTextsTest {

  private static final Path TEXTS =
      Path.of("src/main/resources/META-INF/resources/dashboard/texts.js");

  @Test
  void each_name_has_a_text_in_both_languages() throws IOException {
    String texts = Files.readString(TEXTS);
    List<String> missing =
        Stream.of(
                names("role", Role.values()),
                names("status", BatchStatus.values()),
                names("kind", BatchKind.values()),
                Arrays.stream(Reason.values()).map(reason -> "hold." + reason.text()),
                Arrays.stream(ThrottleLimits.class.getRecordComponents())
                    .map(limit -> "limit." + limit.getName()))
            .flatMap(each -> each)
            .filter(
                key ->
                    !Pattern.compile("'" + Pattern.quote(key) + "': \\['[^']+', '[^']+']")
                        .matcher(texts)
                        .find())
            .toList();
    assertEquals(List.of(), missing);
  }

  private static Stream<String> names(String prefix, Enum<?>[] values) {
    return Arrays.stream(values).map(value -> prefix + "." + value.name().toLowerCase(Locale.ROOT));
  }
}
