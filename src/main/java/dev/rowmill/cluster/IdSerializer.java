package dev.rowmill.cluster;

import com.github.kagkarlsson.scheduler.serializer.Serializer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Serializes the data of a launch: a batch's id as decimal digits. Stateless. */
final class IdSerializer implements Serializer {

  static byte[] bytes(long batch) {
    return Long.toString(batch).getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public byte @Nullable [] serialize(@Nullable Object data) {
    return data == null ? null : bytes((Long) data);
  }

  @Override
  public <T> @Nullable T deserialize(Class<T> type, byte @Nullable [] data) {
    return data == null
        ? null
        : type.cast(Long.valueOf(new String(data, StandardCharsets.US_ASCII)));
  }
}
