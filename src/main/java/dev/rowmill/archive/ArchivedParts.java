package dev.rowmill.archive;

import dev.rowmill.export.ExportedPart;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Numbers the rows of an archive's files from 1, in the order in which they are restored: the files
 * of a chunk follow each other, parents before children. The numbers never change, as the parts of
 * an ended archive do not. Immutable.
 */
final class ArchivedParts {

  /** Identifies the chunk that has written a part. */
  private record Chunk(int lane, @Nullable String after, String upTo) {}

  /**
   * Represents a part.
   *
   * @param first number of its first row
   * @param beginsChunk whether it is the first part of its chunk
   */
  record Part(ExportedPart file, long first, boolean beginsChunk) {

    /** Returns the number of its last row. */
    long last() {
      return first + file.rows() - 1;
    }
  }

  private final List<Part> parts = new ArrayList<>();

  /**
   * @param files parts in the order of their numbers
   */
  ArchivedParts(List<ExportedPart> files) {
    Map<Chunk, List<ExportedPart>> chunks = new LinkedHashMap<>();
    for (ExportedPart file : files) {
      chunks
          .computeIfAbsent(
              new Chunk(file.lane(), file.after(), file.upTo()), any -> new ArrayList<>())
          .add(file);
    }
    long first = 1;
    for (List<ExportedPart> chunk : chunks.values()) {
      for (ExportedPart file : chunk) {
        parts.add(new Part(file, first, Objects.equals(file, chunk.get(0))));
        first += file.rows();
      }
    }
  }

  List<Part> all() {
    return parts;
  }

  /** Returns the number of rows. */
  long rows() {
    return parts.isEmpty() ? 0 : parts.get(parts.size() - 1).last();
  }

  /** Returns the part with a row. */
  Part of(long row) {
    int low = 0;
    int high = parts.size() - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (parts.get(middle).last() < row) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return parts.get(low);
  }
}
