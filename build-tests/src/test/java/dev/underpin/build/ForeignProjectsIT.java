package dev.underpin.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Runs the projects under {@code src/it/foreign}, which the build has compiled against our artifacts as a user would:
 * by the BOM, each with one module alone. A dependency that is missing fails to link; one that leaked is on the class
 * path that Maven wrote into the manifest.
 */
class ForeignProjectsIT {
    private static final List<String> JSON_OF_EITHER_JACKSON = List.of(
            "200 {\"data\":{\"id\":7,\"item\":\"pen\"}}",
            "404 {\"error\":{\"code\":\"ORDER_GONE\",\"message\":\"no order 7\",\"details\":[],"
                    + "\"requestId\":\"request-1\"}}",
            "true",
            "Order[id=8, item=ink]",
            "MALFORMED MALFORMED_REQUEST");

    @Test
    void resultCore_alone_bringsAnnotationsOnly() throws Exception {
        Foreign project = new Foreign("result-core");

        assertThat(project.dependencies())
                .containsExactlyInAnyOrder("dev.underpin:underpin-result-core", "org.jspecify:jspecify");
        assertThat(project.run("-jar", project.jar().toString()))
                .containsExactly(
                        "left: 7",
                        "OUT_OF_STOCK: only 10 left []",
                        "VALIDATION_FAILED: The request is not valid [quantity must be positive]");
    }

    @Test
    void errors_alone_bringsNeitherJsonNorValidation() throws Exception {
        Foreign project = new Foreign("errors");

        assertThat(project.dependencies())
                .containsExactlyInAnyOrder(
                        "dev.underpin:underpin-errors",
                        "dev.underpin:underpin-result-core",
                        "org.jspecify:jspecify",
                        "org.slf4j:slf4j-api");
        assertThat(project.run("-jar", project.jar().toString()))
                .containsExactly(
                        "200 {data=an order}",
                        "404 {error={code=ORDER_GONE, message=no order 7, details=[], requestId=request-1}}",
                        "500 {error={code=INTERNAL_ERROR, message=An internal error occurred, details=[],"
                                + " requestId=request-1}}");
    }

    @Test
    void errors_withJackson2_worksWithoutJackson3() throws Exception {
        Foreign project = new Foreign("errors-with-jackson2");

        assertThat(project.dependencies())
                .containsExactlyInAnyOrder(
                        "com.fasterxml.jackson.core:jackson-annotations",
                        "com.fasterxml.jackson.core:jackson-core",
                        "com.fasterxml.jackson.core:jackson-databind",
                        "dev.underpin:underpin-errors",
                        "dev.underpin:underpin-result-core",
                        "org.jspecify:jspecify",
                        "org.slf4j:slf4j-api");
        assertThat(project.run("-jar", project.jar().toString())).isEqualTo(JSON_OF_EITHER_JACKSON);
    }

    @Test
    void errors_withJackson3_worksWithoutJackson2() throws Exception {
        Foreign project = new Foreign("errors-with-jackson3");

        assertThat(project.dependencies())
                .containsExactlyInAnyOrder(
                        "com.fasterxml.jackson.core:jackson-annotations",
                        "dev.underpin:underpin-errors",
                        "dev.underpin:underpin-result-core",
                        "org.jspecify:jspecify",
                        "org.slf4j:slf4j-api",
                        "tools.jackson.core:jackson-core",
                        "tools.jackson.core:jackson-databind");
        assertThat(project.run("-jar", project.jar().toString())).isEqualTo(JSON_OF_EITHER_JACKSON);
    }

    @Test
    void idempotency_alone_bringsResultCoreOnly() throws Exception {
        Foreign project = new Foreign("idempotency");

        assertThat(project.dependencies())
                .containsExactlyInAnyOrder(
                        "dev.underpin:underpin-idempotency",
                        "dev.underpin:underpin-result-core",
                        "org.jspecify:jspecify");
        assertThat(project.run("-jar", project.jar().toString()))
                .containsExactly("charged: receipt {}", "receipt {Idempotent-Replayed=true}", "IDEMPOTENCY_KEY_REUSED");
    }

    @Test
    void batching_alone_bringsResultCoreOnly() throws Exception {
        Foreign project = new Foreign("batching");

        assertThat(project.dependencies())
                .containsExactlyInAnyOrder(
                        "dev.underpin:underpin-batching", "dev.underpin:underpin-result-core", "org.jspecify:jspecify");
        assertThat(project.run("-jar", project.jar().toString()))
                .containsExactly("prices of [tea, ink, pen]", "tea 450, ink 120, pen KEY_NOT_FOUND");
    }

    @Test
    void batchingGraphql_alone_bringsGraphqlJava() throws Exception {
        Foreign project = new Foreign("batching-graphql");

        assertThat(project.dependencies())
                .containsExactlyInAnyOrder(
                        "com.graphql-java:graphql-java",
                        "com.graphql-java:java-dataloader",
                        "dev.underpin:underpin-batching",
                        "dev.underpin:underpin-batching-graphql",
                        "dev.underpin:underpin-result-core",
                        "org.jspecify:jspecify",
                        "org.reactivestreams:reactive-streams");
        assertThat(project.run("-jar", project.jar().toString()))
                .containsExactly("prices of [tea, ink]", "{a={cents=450}, b={cents=120}, c={cents=450}}");
    }

    @Test
    void caching_alone_bringsCaffeine() throws Exception {
        Foreign project = new Foreign("caching");

        assertThat(project.dependencies())
                .containsExactlyInAnyOrder(
                        "com.github.ben-manes.caffeine:caffeine",
                        "com.google.errorprone:error_prone_annotations",
                        "dev.underpin:underpin-caching",
                        "dev.underpin:underpin-result-core",
                        "org.jspecify:jspecify",
                        "org.slf4j:slf4j-api");
        assertThat(project.run("-jar", project.jar().toString()))
                .containsExactly(
                        "load 1 of tea",
                        "load 1 of tea",
                        "load 2 of tea",
                        "NO_SUCH_PRODUCT",
                        "true {Cache-Control=no-store}");
    }

    @Test
    void pagination_alone_bringsResultCoreOnly() throws Exception {
        Foreign project = new Foreign("pagination");

        assertThat(project.dependencies())
                .containsExactlyInAnyOrder(
                        "dev.underpin:underpin-pagination",
                        "dev.underpin:underpin-result-core",
                        "org.jspecify:jspecify");
        assertThat(project.run("-jar", project.jar().toString()))
                .containsExactly(
                        "[1, 2] behind: true",
                        "select n from numbers where n > :pgn_v1 order by n limit :pgn_limit",
                        "CURSOR_INVALID");
    }

    @Test
    void resilience_alone_bringsTheBreakerAndTheRetryOfResilience4j() throws Exception {
        Foreign project = new Foreign("resilience");

        assertThat(project.dependencies())
                .containsExactlyInAnyOrder(
                        "dev.underpin:underpin-resilience",
                        "dev.underpin:underpin-result-core",
                        "io.github.resilience4j:resilience4j-circuitbreaker",
                        "io.github.resilience4j:resilience4j-core",
                        "io.github.resilience4j:resilience4j-retry",
                        "org.jspecify:jspecify",
                        "org.slf4j:slf4j-api");
        assertThat(project.run("-jar", project.jar().toString()))
                .containsExactly("quote of attempt 3", "TIMEOUT", "true RATE_LIMITED");
    }

    @Test
    void persistenceJdbi_alone_bringsJdbiAndNoDriver() throws Exception {
        Foreign project = new Foreign("persistence-jdbi");

        assertThat(project.dependencies())
                .containsExactlyInAnyOrder(
                        "dev.underpin:underpin-pagination",
                        "dev.underpin:underpin-persistence-jdbi",
                        "dev.underpin:underpin-result-core",
                        "io.leangen.geantyref:geantyref",
                        "org.jdbi:jdbi3-core",
                        "org.jspecify:jspecify",
                        "org.slf4j:slf4j-api");
        assertThat(project.run("-jar", project.jar().toString()))
                .containsExactly("KeysetQuery knows no SQL that seeks on Notepad; PageQuery.sql(...) gives the"
                        + " statements of a Dialect that is like it");
    }

    @Test
    void testkit_alone_bringsResultCoreOnly() throws Exception {
        Foreign project = new Foreign("testkit");

        assertThat(project.dependencies())
                .containsExactlyInAnyOrder(
                        "dev.underpin:underpin-testkit", "dev.underpin:underpin-result-core", "org.jspecify:jspecify");
        assertThat(project.run("-jar", project.jar().toString()))
                .containsExactly("half past 1970-01-01T00:30:00Z", "now 1970-01-01T01:00:00Z");
    }

    @Test
    void modulePath_namedModule_readsOurs() throws Exception {
        Foreign project = new Foreign("module-path");

        assertThat(project.run("--module-path", project.modulePath(), "--module", "org.example/org.example.Main"))
                .containsExactly("dev.underpin.result Err[ORDER_GONE]", "dev.underpin.errors 404");
    }

    /** A project that was built under {@code target/it/foreign}. */
    private record Foreign(String name) {

        Path jar() {
            return Path.of("target/it/foreign", name, "target/foreign-" + name + "-1.jar");
        }

        /** Group and artifact of everything on the runtime class path, from {@code group/artifact/version/file}. */
        List<String> dependencies() throws IOException {
            Path repository = Path.of("target/local-repo").toAbsolutePath();
            return classPath().stream()
                    .map(repository::relativize)
                    .map(file -> file.getParent().getParent())
                    .map(artifact -> artifact.getParent().toString().replace('/', '.') + ":" + artifact.getFileName())
                    .toList();
        }

        String modulePath() throws IOException {
            return classPath().stream().map(Path::toString).collect(Collectors.joining(":", jar() + ":", ""));
        }

        private List<Path> classPath() throws IOException {
            try (JarFile file = new JarFile(jar().toFile())) {
                String entries = file.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
                return Arrays.stream(entries.split(" "))
                        .map(entry ->
                                jar().resolveSibling(entry).toAbsolutePath().normalize())
                        .toList();
            }
        }

        /** The lines it printed; what a logging library says of itself goes to the other stream. */
        List<String> run(String... arguments) throws IOException, InterruptedException {
            List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
            command.addAll(List.of(arguments));
            Path errors = jar().resolveSibling("errors.txt");
            Process process =
                    new ProcessBuilder(command).redirectError(errors.toFile()).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor())
                    .as("exit code of %s: %s%s", name, output, Checkout.read(errors))
                    .isZero();
            return output.lines().toList();
        }
    }
}
