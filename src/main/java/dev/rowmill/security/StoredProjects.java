package dev.rowmill.security;

import dev.rowmill.batch.ProjectPatterns;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;
import java.util.List;

/** Converts patterns of projects to and from text, one pattern per line. */
@Converter(autoApply = true)
class StoredProjects implements AttributeConverter<ProjectPatterns, String> {

  @Override
  public String convertToDatabaseColumn(ProjectPatterns projects) {
    return String.join("\n", projects.patterns());
  }

  @Override
  public ProjectPatterns convertToEntityAttribute(String text) {
    return new ProjectPatterns(List.of(text.split("\n")));
  }
}
