package dev.rowmill.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProjectPatternsTest {

  @ParameterizedTest
  @CsvSource({
    "*, p1, true",
    "p1, p1, true",
    "p1, p2, false",
    "p1, P1, false",
    "p1, p11, false",
    "shop-*, shop-1, true",
    "shop-*, shop-, true",
    "shop-*, shop, false",
    "*-eu, shop-eu, true",
    "*-eu, shop-eu-2, false",
    "a*b*c, aXbXbXc, true",
    "a*b*c, aXcXb, false",
    "a.b, axb, false",
    "**, p, true"
  })
  void a_star_stands_for_any_characters(String pattern, String project, boolean matches) {
    assertEquals(matches, new ProjectPatterns(List.of("none", pattern)).include(project));
  }
}
