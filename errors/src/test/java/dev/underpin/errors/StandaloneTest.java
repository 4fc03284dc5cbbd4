package dev.underpin.errors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.Detail;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.ValidationError;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The packages without optional dependencies, on a class path that has none of those. */
class StandaloneTest {
    private static final String[] OPTIONAL = {"jackson", "jakarta.validation", "hibernate-validator", "expressly"};

    @Test
    void classes_withoutOptionalLibraries_loadWithEverySignature() throws Exception {
        try (URLClassLoader loader = withoutOptionalLibraries()) {
            List<String> names = new ArrayList<>(namesIn("dev/underpin/errors"));
            names.addAll(namesIn("dev/underpin/errors/context"));
            names.addAll(namesIn("dev/underpin/errors/internal"));

            for (String name : names) {
                Class<?> type = Class.forName(name, /* initialize= */ true, loader);
                // What a framework does that reflects over its beans.
                assertThat(Arrays.asList(
                                type.getDeclaredMethods(), type.getDeclaredFields(), type.getDeclaredConstructors()))
                        .as(name)
                        .hasSize(3);
                assertThat(type.getClassLoader()).isSameAs(loader);
            }
            assertThat(names).contains("dev.underpin.errors.Renderer", "dev.underpin.errors.internal.Fields");
        }
    }

    @Test
    void renderer_withoutOptionalLibraries_answers() throws Exception {
        try (URLClassLoader loader = withoutOptionalLibraries()) {
            Object exchange = Class.forName(Exchange.class.getName(), true, loader)
                    .getDeclaredConstructor()
                    .newInstance();

            assertThat(((Callable<?>) exchange).call()).isEqualTo("200 400 500 {\"data\":[1]} #/a/0");
        }
    }

    @Test
    void loader_always_hidesTheOptionalLibraries() throws Exception {
        try (URLClassLoader loader = withoutOptionalLibraries()) {
            for (String name : List.of(
                    "com.fasterxml.jackson.databind.ObjectMapper",
                    "tools.jackson.databind.ObjectMapper",
                    "jakarta.validation.Validator")) {
                assertThat(Class.forName(name)).isNotNull();
                assertThatThrownBy(() -> Class.forName(name, false, loader)).isInstanceOf(ClassNotFoundException.class);
            }
        }
    }

    /** Runs inside the other class loader. */
    public static final class Exchange implements Callable<String> {
        /** Called by reflection. */
        public Exchange() {}

        @Override
        public String call() {
            Renderer renderer = Renderer.builder(new PlainJson()).build();
            Rendered ok = renderer.answer(name -> null, context -> Result.ok(List.of(1)));
            Rendered bad = renderer.answer(
                    Map.of("Accept", "application/problem+json")::get,
                    context ->
                            Result.err(new ValidationError(List.of(Detail.of("a[0]", ErrorKind.VALIDATION.code())))));
            Rendered bug = renderer.answer(name -> null, context -> {
                throw new IllegalStateException("bug");
            });
            String problem = new String(bad.body(), UTF_8);
            String pointer = problem.substring(problem.indexOf('#'), problem.indexOf("\"", problem.indexOf('#')));
            return ok.status() + " " + bad.status() + " " + bug.status() + " " + new String(ok.body(), UTF_8) + " "
                    + pointer;
        }
    }

    private static URLClassLoader withoutOptionalLibraries() throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (Arrays.stream(OPTIONAL).noneMatch(entry::contains)) {
                urls.add(Path.of(entry).toUri().toURL());
            }
        }
        return new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
    }

    private static List<String> namesIn(String folder) throws IOException {
        Path classes = Path.of(Renderer.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());
        try (Stream<Path> files = Files.list(classes.resolve(folder))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".class") && !file.startsWith("package-info"))
                    .map(file -> folder.replace('/', '.') + '.' + file.substring(0, file.length() - 6))
                    .sorted()
                    .toList();
        }
    }
}
