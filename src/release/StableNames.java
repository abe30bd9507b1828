import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Copies a jar of Quarkus, and replaces names in generated classes that differ from build to build:
 * keys that are numbered in the order in which threads made them, and fields with a random name.
 */
final class StableNames {

  private static final Pattern KEY = Pattern.compile("proxykey\\d+");
  private static final Pattern FIELD = Pattern.compile("(cachedValue\\$)[A-Za-z0-9]{8}(\\$.*)");

  /** New keys by the old ones, numbered in the order of the names of the classes. */
  private final Map<String, String> keys = new HashMap<>();

  /** Copies the jar of the first argument to the file of the second one. */
  public static void main(String... args) throws IOException {
    new StableNames().copy(Path.of(args[0]), Path.of(args[1]));
  }

  private void copy(Path from, Path to) throws IOException {
    try (JarFile jar = new JarFile(from.toFile());
        OutputStream file = Files.newOutputStream(to);
        ZipOutputStream out = new ZipOutputStream(file)) {
      Map<String, JarEntry> entries = new TreeMap<>();
      jar.stream().forEach(entry -> entries.put(entry.getName(), entry));
      for (JarEntry entry : entries.values()) {
        byte[] content = jar.getInputStream(entry).readAllBytes();
        String name = entry.getName();
        boolean generated =
            name.startsWith("io/quarkus/runner/recorded/") || name.endsWith("$HibernateProxy.class");
        out.putNextEntry(new ZipEntry(name));
        out.write(generated && !entry.isDirectory() ? renamed(content) : content);
      }
    }
  }

  /** Returns the class with other texts in its pool of constants. */
  private byte[] renamed(byte[] type) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(type));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(type.length);
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(in.readLong());
    int count = in.readUnsignedShort();
    out.writeShort(count);
    for (int i = 1; i < count; i++) {
      int tag = in.readUnsignedByte();
      out.writeByte(tag);
      switch (tag) {
        case 1 -> out.writeUTF(renamed(in.readUTF()));
        case 3, 4, 9, 10, 11, 12, 17, 18 -> out.writeInt(in.readInt());
        case 5, 6 -> {
          out.writeLong(in.readLong());
          i++; // It takes two places.
        }
        case 7, 8, 16, 19, 20 -> out.writeShort(in.readShort());
        case 15 -> {
          out.writeByte(in.readByte());
          out.writeShort(in.readShort());
        }
        default -> throw new IOException("constant with the tag " + tag);
      }
    }
    in.transferTo(out);
    return bytes.toByteArray();
  }

  private String renamed(String text) {
    if (KEY.matcher(text).matches()) {
      return keys.computeIfAbsent(text, key -> "proxykey" + keys.size());
    }
    Matcher field = FIELD.matcher(text);
    return field.matches() ? field.group(1) + "00000000" + field.group(2) : text;
  }
}
