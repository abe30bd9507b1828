package dev.rowmill.operations;

import static java.util.stream.Collectors.toCollection;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests the build's software bill of materials. */
class SbomIT {

  private static final Path LIST = Path.of("target/rowmill-sbom.json");
  private static final Path LIBRARIES = Path.of("target/quarkus-app/lib");

  @Test
  void each_library_of_the_service_is_on_the_list() throws Exception {
    JsonNode list = new ObjectMapper().readTree(LIST.toFile());
    assertEquals("CycloneDX", list.path("bomFormat").asText());
    Set<String> listed = new HashSet<>();
    for (JsonNode component : list.path("components")) {
      listed.add(
          "%s.%s-%s.jar"
              .formatted(
                  component.path("group").asText(),
                  component.path("name").asText(),
                  component.path("version").asText()));
      assertFalse(component.path("purl").asText().isEmpty(), component::toString);
    }
    Set<String> libraries;
    try (Stream<Path> files = Files.walk(LIBRARIES)) {
      libraries =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".jar"))
              .collect(toCollection(TreeSet::new));
    }
    assertFalse(libraries.isEmpty());
    libraries.removeAll(listed);
    assertEquals(Set.of(), libraries);
  }
}
