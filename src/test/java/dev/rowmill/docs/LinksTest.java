package dev.rowmill.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks that links between the documents lead to a file, and to a heading in it. */
class LinksTest {

  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern MENTION = Pattern.compile("\\bdocs/[a-z-]+\\.md\\b");
  private static final Pattern CODE_BLOCK = Pattern.compile("(?ms)^ *```.*?^ *```");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

  @Test
  void links_between_documents_resolve() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path document : documents()) {
      for (String target : matches(LINK, withoutCode(document), 1)) {
        if (!target.contains("://") && !resolves(document, target)) {
          broken.add(document + " -> " + target);
        }
      }
    }
    assertEquals(List.of(), broken);
  }

  @Test
  void documents_that_the_code_mentions_exist() throws IOException {
    List<String> missing = new ArrayList<>();
    for (Path file : sources()) {
      for (String document : matches(MENTION, Files.readString(file), 0)) {
        if (!Files.exists(Path.of(document))) {
          missing.add(file + " -> " + document);
        }
      }
    }
    assertEquals(List.of(), missing);
  }

  private static boolean resolves(Path document, String target) throws IOException {
    int hash = target.indexOf('#');
    String file = hash < 0 ? target : target.substring(0, hash);
    Path path = file.isEmpty() ? document : document.resolveSibling(file).normalize();
    if (!Files.exists(path)) {
      return false;
    }
    return hash < 0 || anchors(path).contains(target.substring(hash + 1));
  }

  private static List<String> anchors(Path document) throws IOException {
    return matches(HEADING, withoutCode(document), 1).stream().map(LinksTest::anchor).toList();
  }

  /** Returns the anchor that GitHub gives to a heading. */
  private static String anchor(String heading) {
    return heading
        .toLowerCase(Locale.ROOT)
        .strip()
        .replaceAll("[^\\p{L}\\p{N} _-]", "")
        .replace(' ', '-');
  }

  private static String withoutCode(Path document) throws IOException {
    return CODE_BLOCK.matcher(Files.readString(document)).replaceAll("");
  }

  private static List<String> matches(Pattern pattern, String text, int group) {
    return pattern.matcher(text).results().map((MatchResult match) -> match.group(group)).toList();
  }

  private static List<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>();
    for (String folder : List.of("", "docs", "findings")) {
      try (Stream<Path> files = Files.list(Path.of(folder))) {
        files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
      }
    }
    return documents;
  }

  private static List<Path> sources() throws IOException {
    List<Path> files = new ArrayList<>(documents());
    files.add(Path.of("pom.xml"));
    try (Stream<Path> sources = Files.walk(Path.of("src"))) {
      sources
          .filter(file -> file.toString().matches(".*\\.(java|properties|sql|js)"))
          // Libraries of the documentation site.
          .filter(file -> !file.toString().contains("node_modules"))
          .forEach(files::add);
    }
    return files;
  }
}
