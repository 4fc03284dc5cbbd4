package dev.underpin.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires.Modifier;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the module as a whole promises: it needs nothing, and its packages carry the annotations that checkers read. */
class ModuleTest {
    private static final Path CLASSES = classes();

    @Test
    void descriptor_requires_nothingAtRunTimeButTheJavaBase() throws IOException {
        Set<String> atRunTime = descriptor().requires().stream()
                .filter(required -> !required.modifiers().contains(Modifier.STATIC))
                .map(ModuleDescriptor.Requires::name)
                .collect(Collectors.toSet());

        assertThat(atRunTime).containsExactly("java.base");
    }

    @Test
    void descriptor_exports_theTwoPackages() throws IOException {
        assertThat(exportedPackages()).containsExactlyInAnyOrder("dev.underpin.result", "dev.underpin.result.spi");
    }

    @Test
    void classes_aloneWithTheJdk_loadAndRun() throws Exception {
        URL[] onlyOurs = {CLASSES.toUri().toURL()};
        try (URLClassLoader alone = new URLClassLoader(onlyOurs, ClassLoader.getPlatformClassLoader())) {
            for (String name : classNames()) {
                Class<?> loaded = Class.forName(name, /* initialize= */ true, alone);

                // Resolves every type in a signature, which loading alone does not.
                assertThat(loaded.getDeclaredMethods()).isNotNull();
                assertThat(loaded.getDeclaredConstructors()).isNotNull();
                assertThat(loaded.getDeclaredFields()).isNotNull();
                assertThat(loaded.getAnnotations()).isNotNull();
            }
            Class<?> kind = Class.forName("dev.underpin.result.ErrorKind", true, alone);
            Object notFound = kind.getMethod("valueOf", String.class).invoke(null, "NOT_FOUND");
            Object code = kind.getMethod("code").invoke(notFound);
            Object error = code.getClass().getMethod("error").invoke(code);
            Object err = Class.forName("dev.underpin.result.Result", true, alone)
                    .getMethod("err", Object.class)
                    .invoke(null, error);
            assertThat(err).hasToString("Err[NOT_FOUND]").isNotInstanceOf(Result.class);
        }
    }

    @ParameterizedTest
    @MethodSource("exportedPackages")
    void package_exported_isNullMarked(String name) throws Exception {
        assertThat(Class.forName(name + ".package-info").isAnnotationPresent(NullMarked.class))
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("exportedPackages")
    void package_exported_mustHaveItsResultsUsed(String name) throws IOException {
        // Kept in the class file only, so reflection does not see it; the constant pool holds the descriptor as it is.
        assertThat(constants(name.replace('.', '/') + "/package-info.class"))
                .contains("RuntimeInvisibleAnnotations", "Ldev/underpin/result/CheckReturnValue;");
    }

    @Test
    void methods_calledForTheirEffect_areExempt() throws IOException {
        for (String type : List.of("Result", "Validation", "DomainError$Builder")) {
            assertThat(constants("dev/underpin/result/" + type + ".class"))
                    .contains("Ldev/underpin/result/CanIgnoreReturnValue;");
        }
    }

    static Set<String> exportedPackages() throws IOException {
        return descriptor().exports().stream()
                .filter(export -> !export.isQualified())
                .map(ModuleDescriptor.Exports::source)
                .collect(Collectors.toSet());
    }

    private static ModuleDescriptor descriptor() throws IOException {
        try (InputStream in = Files.newInputStream(CLASSES.resolve("module-info.class"))) {
            return ModuleDescriptor.read(in);
        }
    }

    private static List<String> classNames() throws IOException {
        try (Stream<Path> files = Files.walk(CLASSES)) {
            return files.map(file -> CLASSES.relativize(file).toString())
                    .filter(file -> file.endsWith(".class") && !file.endsWith("-info.class"))
                    .map(file -> file.substring(0, file.length() - ".class".length())
                            .replace('/', '.')
                            .replace('\\', '.'))
                    .toList();
        }
    }

    private static String constants(String classFile) throws IOException {
        return Files.readString(CLASSES.resolve(classFile), StandardCharsets.ISO_8859_1);
    }

    private static Path classes() {
        try {
            return Path.of(Result.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
