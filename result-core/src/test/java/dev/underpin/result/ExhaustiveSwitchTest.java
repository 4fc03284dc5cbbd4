package dev.underpin.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A {@code switch} over a result is checked by the compiler down to the cases of a sealed error. Skipped below JDK 21. */
class ExhaustiveSwitchTest {
    private static final String SOURCE = """
            package dev.underpin.result;

            class Order {
                sealed interface OrderError extends DomainError {
                    default ErrorCode code() { return ErrorKind.CONFLICT.code(); }
                }
                record NotFound(String id) implements OrderError {}
                sealed interface Refused extends OrderError {}
                record OutOfStock(int left) implements Refused {}
                record Blocked() implements Refused {}

                static String read(Result<String, OrderError> result) {
                    return switch (result) {
                        case Result.Ok(var order) -> order;
                        case Result.Err(NotFound(var id)) -> id;
                        case Result.Err(OutOfStock(var left)) -> "left " + left;
                        %s
                    };
                }
            }
            """;

    private static final String LAST_CASE = "case Result.Err(Blocked blocked) -> \"blocked\";";

    @TempDir
    Path target;

    @BeforeEach
    void needPatternSwitch() {
        assumeTrue(Runtime.version().feature() >= 21, "record patterns in switch need JDK 21");
    }

    @Test
    void switch_everyCaseOfTheNestedError_compilesWithoutDefault() {
        assertThat(compile(SOURCE.formatted(LAST_CASE))).isEmpty();
    }

    @Test
    void switch_oneCaseMissing_doesNotCompile() {
        assertThat(compile(SOURCE.formatted(""))).containsExactly("compiler.err.not.exhaustive");
    }

    @Test
    void switch_successMissing_doesNotCompile() {
        assertThat(compile(SOURCE.replace("case Result.Ok(var order) -> order;", "")
                        .formatted(LAST_CASE)))
                .containsExactly("compiler.err.not.exhaustive");
    }

    /** {@return the codes of what the compiler reports} */
    private List<String> compile(String source) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assumeTrue(compiler != null, "a JDK, not a JRE, is needed to compile");
        var diagnostics = new DiagnosticCollector<JavaFileObject>();
        var unit =
                new SimpleJavaFileObject(
                        URI.create("string:///dev/underpin/result/Order.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        String classPath = location(Result.class) + File.pathSeparator + location(NullMarked.class);
        var options = List.of("--release", "21", "-proc:none", "-d", target.toString(), "-classpath", classPath);
        try (var files = compiler.getStandardFileManager(diagnostics, Locale.ROOT, null)) {
            boolean compiled = compiler.getTask(new StringWriter(), files, diagnostics, options, null, List.of(unit))
                    .call();
            List<String> errors = diagnostics.getDiagnostics().stream()
                    .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
                    .map(Diagnostic::getCode)
                    .toList();
            assertThat(errors.isEmpty()).as("%s", diagnostics.getDiagnostics()).isEqualTo(compiled);
            return errors;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Path location(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
