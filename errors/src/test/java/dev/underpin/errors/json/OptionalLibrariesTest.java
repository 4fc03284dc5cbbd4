package dev.underpin.errors.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.underpin.errors.Envelope;
import dev.underpin.errors.Renderer;
import dev.underpin.errors.validation.BeanValidation;
import dev.underpin.result.Result;
import jakarta.validation.Validation;
import jakarta.validation.constraints.NotBlank;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Each optional library alone on the class path, and none. */
class OptionalLibrariesTest {
    // Jackson 3 has its annotations from Jackson 2, in an artifact without code.
    private static final String JACKSON_2 = "/com/fasterxml/jackson/core/jackson-(core|databind)/";
    private static final String JACKSON_3 = "/tools/jackson/";
    private static final String ANNOTATIONS = "/jackson-annotations/";
    private static final String VALIDATION = "/(jakarta/validation|hibernate-validator|expressly)/";

    private static URLClassLoader without(String... hidden) throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            String path = entry.replace('\\', '/');
            if (Arrays.stream(hidden).noneMatch(each -> path.matches(".*" + each + ".*"))) {
                urls.add(Path.of(entry).toUri().toURL());
            }
        }
        return new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
    }

    private static Object call(Class<?> scenario, ClassLoader loader) throws Exception {
        Object callable = Class.forName(scenario.getName(), true, loader)
                .getDeclaredConstructor()
                .newInstance();
        return ((Callable<?>) callable).call();
    }

    /** Runs in another class loader. */
    public static final class WithJackson2 implements Callable<String> {
        @Override
        public String call() {
            return exchange(Jackson2Json.of(new ObjectMapper()));
        }
    }

    /** Runs in another class loader. */
    public static final class WithJackson3 implements Callable<String> {
        @Override
        public String call() {
            return exchange(Jackson3Json.of(new JsonMapper()));
        }
    }

    /** Runs in another class loader. */
    public static final class WithValidation implements Callable<String> {
        record Named(@NotBlank String name) {}

        @Override
        public String call() {
            var validation =
                    BeanValidation.of(Validation.buildDefaultValidatorFactory().getValidator());
            return validation
                    .check(new Named(""))
                    .fold(Named::name, error -> error.details().get(0).field());
        }
    }

    private static String exchange(Json json) {
        var renderer = Renderer.builder(json).build();
        var answer = renderer.answer(name -> null, context -> Result.ok(Envelope.of(1)));
        var misread = json.read(new byte[] {'x'}, String.class);
        var remote = json.readError(404, name -> null, new byte[0]);
        return new String(answer.body(), StandardCharsets.UTF_8) + misread.isOk() + remote.kind();
    }

    private static final String EXPECTED = "{\"data\":1}falseBAD_GATEWAY";

    @Test
    void json_withJackson2Alone_works() throws Exception {
        try (URLClassLoader loader = without(JACKSON_3, VALIDATION)) {
            assertThat(call(WithJackson2.class, loader)).isEqualTo(EXPECTED);
            assertHidden(loader, "tools.jackson.databind.ObjectMapper", "jakarta.validation.Validator");
        }
    }

    @Test
    void json_withJackson3Alone_works() throws Exception {
        try (URLClassLoader loader = without(JACKSON_2, VALIDATION)) {
            assertThat(call(WithJackson3.class, loader)).isEqualTo(EXPECTED);
            assertHidden(loader, "com.fasterxml.jackson.databind.ObjectMapper", "jakarta.validation.Validator");
        }
    }

    @Test
    void beanValidation_withoutJackson_works() throws Exception {
        try (URLClassLoader loader = without(JACKSON_2, JACKSON_3, ANNOTATIONS)) {
            assertThat(call(WithValidation.class, loader)).isEqualTo("name");
            assertHidden(loader, "tools.jackson.databind.ObjectMapper", "com.fasterxml.jackson.databind.ObjectMapper");
        }
    }

    @Test
    void json_withoutAnyOptionalLibrary_canBeReflectedOver() throws Exception {
        try (URLClassLoader loader = without(JACKSON_2, JACKSON_3, ANNOTATIONS, VALIDATION)) {
            for (Class<?> type : List.of(Json.class, JsonErrors.class)) {
                Class<?> alone = Class.forName(type.getName(), true, loader);

                assertThat(alone.getClassLoader()).isSameAs(loader);
                assertThat(alone.getDeclaredMethods()).hasSameSizeAs(type.getDeclaredMethods());
                assertThat(alone.getDeclaredFields()).hasSameSizeAs(type.getDeclaredFields());
                assertThat(alone.getDeclaredConstructors()).hasSize(1);
            }
        }
    }

    @Test
    void jsonOfOneJackson_withThatOneAlone_canBeReflectedOver() throws Exception {
        try (URLClassLoader only2 = without(JACKSON_3);
                URLClassLoader only3 = without(JACKSON_2)) {
            assertThat(Class.forName(Jackson2Json.class.getName(), true, only2).getMethods())
                    .isNotEmpty();
            assertThat(Class.forName(Jackson3Json.class.getName(), true, only3).getMethods())
                    .isNotEmpty();
        }
    }

    private static void assertHidden(ClassLoader loader, String... names) {
        for (String name : names) {
            assertThatThrownBy(() -> Class.forName(name, false, loader)).isInstanceOf(ClassNotFoundException.class);
        }
    }
}
