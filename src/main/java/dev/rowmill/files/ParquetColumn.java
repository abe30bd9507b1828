package dev.rowmill.files;

import dev.rowmill.changes.ReadableColumn;
import dev.rowmill.sql.run.ImageColumn;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.apache.parquet.schema.Types.PrimitiveBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Converts the values of a column to a type of Parquet. Each column is optional, as a zero date has
 * no value in Parquet. Not thread-safe.
 *
 * @param type its type in the schema of the file
 * @param value converts a value, which is not NULL
 */
record ParquetColumn(Type type, Value value) {

  /** Limits the digits of a DECIMAL that Parquet's readers accept. */
  private static final int MOST_DIGITS = 38;

  private static final Pattern DECIMAL = Pattern.compile("decimal\\((\\d+),(\\d+)\\).*");

  /** Returns the Parquet value of stored bytes; null if Parquet has none. */
  @FunctionalInterface
  interface Value {
    @Nullable Object of(byte[] value);
  }

  static ParquetColumn of(ImageColumn column) {
    String type = column.type().toLowerCase(Locale.ROOT);
    return switch (column.form()) {
      case INTEGER -> integer(column, type);
      case UNSIGNED ->
          type.startsWith("enum(") || type.startsWith("set(")
              ? text(column)
              : new ParquetColumn(
                  named(column, PrimitiveTypeName.INT64, LogicalTypeAnnotation.intType(64, false)),
                  value -> Long.parseUnsignedLong(ascii(value)));
      case DECIMAL -> decimal(column, type);
      case REAL ->
          type.startsWith("float")
              ? new ParquetColumn(
                  named(column, PrimitiveTypeName.FLOAT, null),
                  value -> (float) Double.parseDouble(ascii(value)))
              : new ParquetColumn(
                  named(column, PrimitiveTypeName.DOUBLE, null),
                  value -> Double.parseDouble(ascii(value)));
      case BYTES ->
          new ParquetColumn(
              named(column, PrimitiveTypeName.BINARY, null), Binary::fromConstantByteArray);
      case INSTANT -> timestamp(column, true);
      case PLAIN -> plain(column, type);
      case TEXT, JSON, TYPED_JSON -> text(column);
    };
  }

  private static ParquetColumn plain(ImageColumn column, String type) {
    if (type.startsWith("datetime")) {
      return timestamp(column, false);
    }
    if (type.equals("date")) {
      return new ParquetColumn(
          named(column, PrimitiveTypeName.INT32, LogicalTypeAnnotation.dateType()),
          value -> date(ascii(value)));
    }
    return type.startsWith("year")
        ? new ParquetColumn(
            named(column, PrimitiveTypeName.INT32, LogicalTypeAnnotation.intType(16, true)),
            value -> Integer.parseInt(ascii(value)))
        : text(column);
  }

  private static ParquetColumn integer(ImageColumn column, String type) {
    boolean signed = !type.contains("unsigned") && !type.contains("zerofill");
    int bits =
        type.startsWith("tinyint")
            ? 8
            : type.startsWith("smallint") ? 16 : type.startsWith("bigint") ? 64 : 32;
    return bits == 64
        ? new ParquetColumn(
            named(column, PrimitiveTypeName.INT64, LogicalTypeAnnotation.intType(bits, signed)),
            value -> Long.parseLong(ascii(value)))
        : new ParquetColumn(
            named(column, PrimitiveTypeName.INT32, LogicalTypeAnnotation.intType(bits, signed)),
            value -> (int) Long.parseLong(ascii(value)));
  }

  private static ParquetColumn decimal(ImageColumn column, String type) {
    Matcher digits = DECIMAL.matcher(type);
    if (!digits.matches() || Integer.parseInt(digits.group(1)) > MOST_DIGITS) {
      return text(column);
    }
    int precision = Integer.parseInt(digits.group(1));
    int scale = Integer.parseInt(digits.group(2));
    int length = BigInteger.TEN.pow(precision).bitLength() / Byte.SIZE + 1;
    return new ParquetColumn(
        Types.optional(PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY)
            .length(length)
            .as(LogicalTypeAnnotation.decimalType(scale, precision))
            .named(column.name()),
        value -> fixed(new BigDecimal(ascii(value)).setScale(scale).unscaledValue(), length));
  }

  /** Returns a number in two's complement, with the highest byte first. */
  private static Binary fixed(BigInteger number, int length) {
    byte[] shortest = number.toByteArray();
    byte[] all = new byte[length];
    Arrays.fill(all, (byte) (number.signum() < 0 ? -1 : 0));
    System.arraycopy(shortest, 0, all, length - shortest.length, shortest.length);
    return Binary.fromConstantByteArray(all);
  }

  private static ParquetColumn timestamp(ImageColumn column, boolean utc) {
    var readable = new ReadableColumn(column);
    return new ParquetColumn(
        named(
            column,
            PrimitiveTypeName.INT64,
            LogicalTypeAnnotation.timestampType(utc, TimeUnit.MICROS)),
        value -> micros(ascii(Objects.requireNonNull(readable.text(value)))));
  }

  /** Returns a text column, with values as in CSV. */
  private static ParquetColumn text(ImageColumn column) {
    var readable = new ReadableColumn(column);
    return new ParquetColumn(
        named(column, PrimitiveTypeName.BINARY, LogicalTypeAnnotation.stringType()),
        value -> Binary.fromConstantByteArray(Objects.requireNonNull(readable.text(value))));
  }

  private static Type named(
      ImageColumn column, PrimitiveTypeName name, @Nullable LogicalTypeAnnotation logical) {
    PrimitiveBuilder<?> builder = Types.optional(name);
    return (Type) (logical == null ? builder : builder.as(logical)).named(column.name());
  }

  private static @Nullable Integer date(String text) {
    try {
      return Math.toIntExact(LocalDate.parse(text).toEpochDay());
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  private static @Nullable Long micros(String text) {
    try {
      LocalDateTime time = LocalDateTime.parse(text.replace(' ', 'T'));
      return time.toEpochSecond(ZoneOffset.UTC) * 1_000_000 + time.getNano() / 1_000;
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static String ascii(byte[] value) {
    return new String(value, StandardCharsets.US_ASCII);
  }

  /** Writes a value of {@link #value} as the current field of a row. */
  static void add(RecordConsumer row, Object value) {
    if (value instanceof Integer number) {
      row.addInteger(number);
    } else if (value instanceof Long number) {
      row.addLong(number);
    } else if (value instanceof Float number) {
      row.addFloat(number);
    } else if (value instanceof Double number) {
      row.addDouble(number);
    } else {
      row.addBinary((Binary) value);
    }
  }
}
