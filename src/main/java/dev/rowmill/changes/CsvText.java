package dev.rowmill.changes;

import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/** Writes fields of CSV (RFC 4180). NULL is an empty field, and the empty text a pair of quotes. */
public final class CsvText {

  private CsvText() {}

  /** Appends a field, without a separator. */
  public static void field(ByteArrayOutputStream out, byte @Nullable [] text) {
    if (text == null) {
      return;
    }
    if (isPlain(text)) {
      out.writeBytes(text);
      return;
    }
    out.write('"');
    for (byte each : text) {
      if (each == '"') {
        out.write('"');
      }
      out.write(each);
    }
    out.write('"');
  }

  private static boolean isPlain(byte[] text) {
    for (byte each : text) {
      if (each == '"' || each == ',' || each == '\r' || each == '\n') {
        return false;
      }
    }
    return text.length > 0;
  }

  public static void endLine(ByteArrayOutputStream out) {
    out.write('\r');
    out.write('\n');
  }
}
