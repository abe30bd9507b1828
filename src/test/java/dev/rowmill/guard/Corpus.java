package dev.rowmill.guard;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the files of hostile texts, which describe their own format. Stateless. */
final class Corpus {

  private static final Pattern REPEATED = Pattern.compile("(?s)<<(\\d+)\\*(.*?)>>");
  private static final Pattern ESCAPE = Pattern.compile("\\\\(u[0-9a-f]{4}|[nrt\\\\])");

  /**
   * Represents one hostile text.
   *
   * @param expected text before the bar
   */
  record Entry(String expected, String text) {}

  private Corpus() {}

  static List<Entry> read(String file) {
    try (InputStream in = Corpus.class.getResourceAsStream(file)) {
      List<Entry> entries = new ArrayList<>();
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
        int bar = line.indexOf(" |");
        if (!line.startsWith("#") && bar > 0) {
          String text = line.substring(bar + 2);
          entries.add(
              new Entry(line.substring(0, bar), text.startsWith(" ") ? text.substring(1) : text));
        }
      }
      return entries;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Replaces escapes by their characters. */
  static String unescaped(String text) {
    return ESCAPE
        .matcher(text)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(
                    switch (found.group(1).charAt(0)) {
                      case 'n' -> "\n";
                      case 'r' -> "\r";
                      case 't' -> "\t";
                      case 'u' ->
                          String.valueOf((char) Integer.parseInt(found.group(1).substring(1), 16));
                      default -> "\\";
                    }));
  }

  /** Repeats texts as often as stated, and replaces escapes by their bytes. */
  static byte[] bytes(String text) {
    byte[] all =
        REPEATED
            .matcher(text)
            .replaceAll(
                found ->
                    Matcher.quoteReplacement(
                        found.group(2).repeat(Integer.parseInt(found.group(1)))))
            .getBytes(StandardCharsets.UTF_8);
    var bytes = new ByteArrayOutputStream(all.length);
    for (int i = 0; i < all.length; i++) {
      if (all[i] == '\\' && i + 3 < all.length && all[i + 1] == 'x' && isHex(all, i + 2)) {
        bytes.write(HexFormat.fromHexDigits(new String(all, i + 2, 2, StandardCharsets.US_ASCII)));
        i += 3;
      } else {
        bytes.write(all[i]);
      }
    }
    return bytes.toByteArray();
  }

  private static boolean isHex(byte[] bytes, int at) {
    return HexFormat.isHexDigit(bytes[at]) && HexFormat.isHexDigit(bytes[at + 1]);
  }
}
