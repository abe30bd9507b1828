package dev.rowmill.cli;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the numbered change files of a directory. Stateless. */
final class ChangeDirectory {

  /** Matches the files of changes, such as {@code 003_raise-prices.yaml}. */
  private static final Pattern CHANGE = Pattern.compile("(\\d+)[._-].*\\.(ya?ml|json)");

  private static final Pattern DATA = Pattern.compile("[^.].*\\.(ya?ml|json)");

  private ChangeDirectory() {}

  /**
   * Returns the changes by the names of their files, in the order of their numbers.
   *
   * @param project the project of files that name none
   * @throws CommandException when a file is invalid, has no number, or one that another has too
   */
  static Map<String, ChangeOptions.Change> read(Path directory, @Nullable String project) {
    Map<BigInteger, Path> numbered = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, Files::isRegularFile)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        Matcher change = CHANGE.matcher(name);
        if (change.matches()) {
          Path other = numbered.put(new BigInteger(change.group(1)), file);
          if (other != null) {
            throw CommandException.refused(
                other.getFileName() + " and " + name + " have the same number.");
          }
        } else if (DATA.matcher(name).matches()) {
          throw CommandException.refused(
              name + " has no number, which the order needs: name it such as 001_" + name + ".");
        }
      }
    } catch (IOException e) {
      throw CommandException.refused("Can't read the directory " + directory + ".");
    }
    if (numbered.isEmpty()) {
      throw CommandException.refused(
          directory + " contains no change, such as 001_raise-prices.yaml.");
    }
    Map<String, ChangeOptions.Change> changes = new LinkedHashMap<>();
    for (Path file : numbered.values()) {
      ChangeFile read = ChangeFile.read(file);
      String of = read.project() == null ? project : read.project();
      if (of == null) {
        throw CommandException.refused(
            file.getFileName() + " names no project; add the member project, or --project.");
      }
      changes.put(file.getFileName().toString(), new ChangeOptions.Change(of, read.body()));
    }
    return changes;
  }
}
