package dev.rowmill.audit;

import dev.rowmill.database.Digests;
import dev.rowmill.database.StoredTime;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Represents an entry with its position in the chain. Immutable.
 *
 * @param id number of the row, from 1 without gaps
 * @param previousHash hash of the previous row
 * @param hash hash of this row, see {@link #hashFor}
 */
public record AuditRow(long id, AuditEntry entry, String previousHash, String hash) {

  /** Serves as the previous hash of the first row. */
  static final String NONE = "0".repeat(64);

  private static final String VERSION = "rowmill-audit-1";

  /** Returns the row that follows the one with the given id and hash. */
  static AuditRow after(long id, String hash, AuditEntry entry) {
    return new AuditRow(id + 1, entry, hash, hashFor(id + 1, entry, hash));
  }

  /** Returns the values of the row without its hash, in the order of the columns. */
  List<@Nullable Object> values() {
    return values(id, entry, previousHash);
  }

  private static List<@Nullable Object> values(long number, AuditEntry e, String previousHash) {
    return Arrays.asList(
        number,
        StoredTime.text(e.at()),
        e.actor(),
        e.role(),
        e.address(),
        e.operation(),
        e.request(),
        e.project(),
        e.batch(),
        e.statement(),
        e.statementSha256(),
        e.detail(),
        e.status(),
        e.problem(),
        previousHash);
  }

  /** Returns the hash that this row would have under another number. */
  String hashAs(long number) {
    return hashFor(number, entry, previousHash);
  }

  /**
   * Returns the SHA-256 of all fields in order, in hexadecimal. Each field contributes its length
   * in bytes, or -1 for null, as a big-endian 32-bit integer. The bytes of its text in UTF-8
   * follow. Numbers are decimal, and the time has its stored form. The lengths make the encoding
   * unambiguous.
   */
  private static String hashFor(long number, AuditEntry e, String previousHash) {
    MessageDigest digest = Digests.sha256();
    List<@Nullable Object> fields = new ArrayList<>(List.of(VERSION));
    fields.addAll(values(number, e, previousHash));
    for (Object field : fields) {
      byte[] bytes =
          field == null ? new byte[0] : field.toString().getBytes(StandardCharsets.UTF_8);
      digest.update(ByteBuffer.allocate(4).putInt(field == null ? -1 : bytes.length).array());
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
