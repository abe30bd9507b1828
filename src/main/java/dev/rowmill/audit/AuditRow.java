package dev.rowmill.audit;

import dev.rowmill.database.StoredTime;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * An entry with its place in the chain. Immutable.
 *
 * @param id counts from 1, without a gap
 * @param previousHash the hash of the row before
 * @param hash of this row, see {@link #hashFor}
 */
public record AuditRow(long id, AuditEntry entry, String previousHash, String hash) {

  /** What the first row carries. */
  static final String NONE = "0".repeat(64);

  private static final String VERSION = "rowmill-audit-1";

  /** The row that comes after another. */
  static AuditRow after(long id, String hash, AuditEntry entry) {
    return new AuditRow(id + 1, entry, hash, hashFor(id + 1, entry, hash));
  }

  /** The hash that the row should have, had it some number. */
  String hashAs(long number) {
    return hashFor(number, entry, previousHash);
  }

  /**
   * SHA-256, in hexadecimal, of every field in turn: the number of its bytes as four bytes, most
   * significant first, or -1 for null, and then its bytes, in UTF-8; numbers are in decimal and the
   * time is as it is stored. So no two rows have the same bytes.
   */
  private static String hashFor(long number, AuditEntry e, String previousHash) {
    MessageDigest digest = sha256();
    for (Object field :
        new @Nullable Object[] {
          VERSION,
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
          previousHash
        }) {
      byte[] bytes =
          field == null ? new byte[0] : field.toString().getBytes(StandardCharsets.UTF_8);
      digest.update(ByteBuffer.allocate(4).putInt(field == null ? -1 : bytes.length).array());
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
