package dev.rowmill.files;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.UUID;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.EnumLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.JsonLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.UUIDLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.jspecify.annotations.Nullable;

/**
 * Converts the values of a Parquet column to text as CSV has it, or to bytes. The inverse of {@link
 * ParquetColumn}. Thread-safe.
 */
final class ParquetText {

  /** Limits the bytes of a DECIMAL, whose conversion takes quadratic time. */
  private static final int LONGEST_DECIMAL = 64;

  private static final int MOST_SCALE = 100;

  private static final long SECONDS_A_DAY = 86_400;

  private static final DateTimeFormatter DATE_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

  /** Converts the current value of a column, which is not NULL. */
  @FunctionalInterface
  interface Value {
    byte[] of(ColumnReader column) throws UnreadableFileException;
  }

  private ParquetText() {}

  /** Returns whether the values of a type are bytes rather than text. */
  static boolean isBytes(PrimitiveType type) {
    return type.getLogicalTypeAnnotation() == null
        && (type.getPrimitiveTypeName() == PrimitiveTypeName.BINARY
            || type.getPrimitiveTypeName() == PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY);
  }

  /**
   * Returns the conversion of a type.
   *
   * @throws UnreadableFileException if there is none
   */
  static Value of(PrimitiveType type) throws UnreadableFileException {
    LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
    PrimitiveTypeName name = type.getPrimitiveTypeName();
    if (logical instanceof DecimalLogicalTypeAnnotation decimal
        && decimal.getScale() <= MOST_SCALE) {
      return decimal(name, decimal.getScale());
    }
    boolean plain = logical == null || logical instanceof IntLogicalTypeAnnotation;
    switch (name) {
      case INT32 -> {
        if (logical instanceof DateLogicalTypeAnnotation) {
          return column -> ascii(LocalDate.ofEpochDay(column.getInteger()).toString());
        } else if (logical instanceof TimeLogicalTypeAnnotation) {
          return column -> time(column.getInteger(), 1_000);
        } else if (plain) {
          return isUnsigned(logical)
              ? column -> ascii(Integer.toUnsignedString(column.getInteger()))
              : column -> ascii(Integer.toString(column.getInteger()));
        }
      }
      case INT64 -> {
        if (logical instanceof TimestampLogicalTypeAnnotation timestamp) {
          long second = second(timestamp.getUnit());
          return column -> timestamp(column.getLong(), second);
        } else if (logical instanceof TimeLogicalTypeAnnotation time) {
          long second = second(time.getUnit());
          return column -> time(column.getLong(), second);
        } else if (plain) {
          return isUnsigned(logical)
              ? column -> ascii(Long.toUnsignedString(column.getLong()))
              : column -> ascii(Long.toString(column.getLong()));
        }
      }
      case BOOLEAN -> {
        return column -> ascii(column.getBoolean() ? "1" : "0");
      }
      case FLOAT -> {
        return column -> ascii(Float.toString(column.getFloat()));
      }
      case DOUBLE -> {
        return column -> ascii(Double.toString(column.getDouble()));
      }
      case BINARY, FIXED_LEN_BYTE_ARRAY -> {
        if (logical instanceof UUIDLogicalTypeAnnotation) {
          return column -> uuid(column.getBinary().toByteBuffer());
        } else if (logical == null
            || logical instanceof StringLogicalTypeAnnotation
            || logical instanceof EnumLogicalTypeAnnotation
            || logical instanceof JsonLogicalTypeAnnotation) {
          return column -> column.getBinary().getBytes();
        }
      }
      default -> {
        // An INT96 is a time stamp in a way that Parquet has given up.
      }
    }
    throw new UnreadableFileException("the type " + type + " is not supported");
  }

  private static boolean isUnsigned(@Nullable LogicalTypeAnnotation logical) {
    return logical instanceof IntLogicalTypeAnnotation number && !number.isSigned();
  }

  private static Value decimal(PrimitiveTypeName name, int scale) {
    return switch (name) {
      case INT32 -> column -> decimal(BigInteger.valueOf(column.getInteger()), scale);
      case INT64 -> column -> decimal(BigInteger.valueOf(column.getLong()), scale);
      default ->
          column -> {
            byte[] bytes = column.getBinary().getBytesUnsafe();
            if (bytes.length == 0 || bytes.length > LONGEST_DECIMAL) {
              throw new UnreadableFileException("has a DECIMAL of " + bytes.length + " bytes");
            }
            return decimal(new BigInteger(bytes), scale);
          };
    };
  }

  private static byte[] decimal(BigInteger unscaled, int scale) {
    return ascii(new BigDecimal(unscaled, scale).toPlainString());
  }

  /** Returns how many units a second has. */
  private static long second(TimeUnit unit) {
    return switch (unit) {
      case MILLIS -> 1_000;
      case MICROS -> 1_000_000;
      case NANOS -> 1_000_000_000;
    };
  }

  private static byte[] timestamp(long value, long second) {
    LocalDateTime time =
        LocalDateTime.ofEpochSecond(Math.floorDiv(value, second), 0, ZoneOffset.UTC);
    return ascii(time.format(DATE_TIME) + fraction(Math.floorMod(value, second), second));
  }

  private static byte[] time(long value, long second) throws UnreadableFileException {
    long seconds = Math.floorDiv(value, second);
    if (seconds < 0 || seconds >= SECONDS_A_DAY) {
      throw new UnreadableFileException("has a TIME outside of a day");
    }
    return ascii(
        LocalTime.ofSecondOfDay(seconds).format(TIME)
            + fraction(Math.floorMod(value, second), second));
  }

  private static String fraction(long part, long second) {
    return part == 0 ? "" : "." + Long.toString(second + part).substring(1);
  }

  private static byte[] uuid(ByteBuffer bytes) {
    return ascii(new UUID(bytes.getLong(), bytes.getLong()).toString());
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
