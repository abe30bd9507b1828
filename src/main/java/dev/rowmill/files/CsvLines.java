package dev.rowmill.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads CSV (RFC 4180) with a header line. An empty field without quotes is NULL. */
final class CsvLines implements LineReader {

  private final CsvParser parser;
  private final List<String> columns;

  /** Holds the number of the line on which the current record begins. */
  private long line = 1;

  /**
   * @param longest maximum number of characters of a value
   */
  CsvLines(Utf8Reader text, int longest) throws IOException {
    parser =
        CsvFactory.builder()
            .enable(CsvParser.Feature.EMPTY_UNQUOTED_STRING_AS_NULL)
            .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
            .streamReadConstraints(StreamReadConstraints.builder().maxStringLength(longest).build())
            .build()
            .createParser(text);
    Line header = read(Integer.MAX_VALUE);
    if (header == null) {
      throw new BrokenFileException(1, "the file is empty; it needs a header line");
    }
    List<String> names = new ArrayList<>();
    for (String name : header.values()) {
      names.add(name == null ? "" : name);
    }
    columns = List.copyOf(names);
  }

  @Override
  public List<String> columns() {
    return columns;
  }

  @Override
  public @Nullable Line next() throws IOException {
    return read(columns.size());
  }

  /**
   * @param expected number of values that the line must have; the maximum for any number
   */
  private @Nullable Line read(int expected) throws IOException {
    try {
      if (parser.nextToken() == null) {
        return null;
      }
      line = parser.currentLocation().getLineNr();
      List<@Nullable String> values = new ArrayList<>();
      int count = 0;
      for (JsonToken token = parser.nextToken();
          token != null && token != JsonToken.END_ARRAY;
          token = parser.nextToken()) {
        if (count++ < expected) {
          if (count > MOST_COLUMNS) {
            throw new BrokenFileException(
                line, "the header has more than " + MOST_COLUMNS + " columns");
          }
          values.add(token == JsonToken.VALUE_NULL ? null : parser.getText());
        }
      }
      return new Line(
          line,
          values.toArray(new String[0]),
          expected == Integer.MAX_VALUE || count == expected
              ? null
              : "the line has %d values, but the header has %d columns".formatted(count, expected));
    } catch (JsonProcessingException e) {
      throw new BrokenFileException(line, "the line is not valid CSV: " + e.getOriginalMessage());
    }
  }
}
