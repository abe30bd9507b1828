import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.commons.ClassRemapper;
import org.objectweb.asm.commons.Remapper;
import org.objectweb.asm.tree.AnnotationNode;
import org.objectweb.asm.tree.ClassNode;

/**
 * Copies a jar of Quarkus, and replaces in its generated classes what differs between two builds:
 *
 * <ul>
 *   <li>the keys of the values that the steps of the start hand on, which are numbered in the order
 *       in which threads made them. A key is used in no other way than to find its value;
 *   <li>random names of the private fields of Hibernate's proxies;
 *   <li>the order of the methods of these proxies, and of the members of the annotation at classes
 *       that Hibernate has changed, which follow addresses in memory.
 * </ul>
 */
final class StableNames {

  private static final Pattern KEY = Pattern.compile("proxykey\\d+");
  private static final Pattern FIELD = Pattern.compile("cachedValue\\$\\w{8}(\\$.*)");
  private static final String PROXY = "$HibernateProxy";
  private static final String ANNOTATION = "Lorg/hibernate/bytecode/enhance/spi/EnhancementInfo;";

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
        out.putNextEntry(new ZipEntry(entry.getName()));
        out.write(isGenerated(entry.getName(), content) ? stable(content) : content);
      }
    }
  }

  private static boolean isGenerated(String name, byte[] content) {
    return name.startsWith("io/quarkus/runner/recorded/") && name.endsWith(".class")
        || name.endsWith(PROXY + ".class")
        || name.endsWith(".class")
            && new String(content, StandardCharsets.ISO_8859_1).contains(ANNOTATION);
  }

  private byte[] stable(byte[] type) {
    ClassNode node = new ClassNode();
    new ClassReader(type).accept(new ClassRemapper(node, new Names()), 0);
    if (node.name.endsWith(PROXY)) {
      node.methods.sort(Comparator.comparing(method -> method.name + method.desc));
    }
    if (node.visibleAnnotations != null) {
      node.visibleAnnotations.forEach(StableNames::sort);
    }
    ClassWriter writer = new ClassWriter(0);
    node.accept(writer);
    return writer.toByteArray();
  }

  private static void sort(AnnotationNode annotation) {
    if (annotation.desc.equals(ANNOTATION)) {
      Map<String, Object> members = new TreeMap<>();
      for (int i = 0; i < annotation.values.size(); i += 2) {
        members.put((String) annotation.values.get(i), annotation.values.get(i + 1));
      }
      annotation.values.clear();
      members.forEach((name, value) -> annotation.values.addAll(List.of(name, value)));
    }
  }

  private final class Names extends Remapper {

    Names() {
      super(Opcodes.ASM9);
    }

    @Override
    public Object mapValue(Object value) {
      return value instanceof String text && KEY.matcher(text).matches()
          ? keys.computeIfAbsent(text, key -> "proxykey" + keys.size())
          : super.mapValue(value);
    }

    @Override
    public String mapFieldName(String owner, String name, String descriptor) {
      Matcher field = FIELD.matcher(name);
      return field.matches() ? "cachedValue" + field.group(1) : name;
    }
  }
}
