package dev.underpin.build;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The source tree that is being built. */
final class Checkout {
    private static final Pattern PUBLISHED = Pattern.compile("<artifactId>underpin-(?!bom<)([a-z-]+)</artifactId>");

    private Checkout() {}

    /** The directory of the parent POM: the nearest one upward that holds the BOM. */
    static Path root() {
        Path directory = Path.of("").toAbsolutePath();
        while (!Files.exists(directory.resolve("bom/pom.xml"))) {
            directory = directory.getParent();
            if (directory == null) {
                throw new IllegalStateException(
                        "Not in a checkout of Underpin: " + Path.of("").toAbsolutePath());
            }
        }
        return directory;
    }

    /** The published modules, which are those the BOM lists, sorted by name. */
    static List<Module> published() {
        Matcher matcher = PUBLISHED.matcher(read(root().resolve("bom/pom.xml")));
        List<Module> modules = new ArrayList<>();
        while (matcher.find()) {
            modules.add(new Module(matcher.group(1)));
        }
        return modules.stream()
                .sorted((a, b) -> a.folder().compareTo(b.folder()))
                .toList();
    }

    /** The text of a file. */
    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A published module, named by its folder. */
    record Module(String folder) {

        /** Its sources, the module descriptor and the package descriptions included. */
        List<Path> sources() {
            return Stream.of("src/main/java", "src/shared/java")
                    .map(root -> root().resolve(folder).resolve(root))
                    .filter(Files::isDirectory)
                    .flatMap(Module::javaFiles)
                    .sorted()
                    .toList();
        }

        private static Stream<Path> javaFiles(Path root) {
            try (Stream<Path> files = Files.walk(root)) {
                return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Its compiled classes. */
        Path classes() {
            return root().resolve(folder).resolve("target/classes");
        }

        /** Its compiled module descriptor. */
        ModuleDescriptor descriptor() {
            try (InputStream in = Files.newInputStream(classes().resolve("module-info.class"))) {
                return ModuleDescriptor.read(in);
            } catch (IOException e) {
                throw new UncheckedIOException("Not compiled, or without module-info.java: " + folder, e);
            }
        }

        /** The packages it exports to everybody. */
        Set<String> exportedPackages() {
            return descriptor().exports().stream()
                    .filter(export -> !export.isQualified())
                    .map(ModuleDescriptor.Exports::source)
                    .collect(Collectors.toSet());
        }

        @Override
        public String toString() {
            return folder;
        }
    }
}
