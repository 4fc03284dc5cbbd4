package dev.underpin.build;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.GeneralCodingRules;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.underpin.build.Checkout.Module;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules that keep the modules apart, and the names that tell what a class does. */
class ArchitectureTest {
    /** What the classes of a package may touch besides the JDK, the annotations and their own module. */
    private static final Map<String, Map<String, List<String>>> STANDS_ON = Map.ofEntries(
            Map.entry("result-core", Map.of("dev.underpin.result", List.of(), "dev.underpin.result.spi", List.of())),
            Map.entry("batching", Map.of("dev.underpin.batching", List.of("dev.underpin.result.."))),
            Map.entry(
                    "batching-graphql",
                    Map.of(
                            "dev.underpin.batching.graphql",
                            List.of(
                                    "dev.underpin.result..",
                                    "dev.underpin.batching",
                                    "graphql..",
                                    "org.dataloader.."))),
            Map.entry(
                    "caching",
                    Map.of(
                            "dev.underpin.caching",
                            List.of("dev.underpin.result..", "com.github.benmanes.caffeine..", "org.slf4j.."),
                            "dev.underpin.caching.http",
                            List.of("dev.underpin.result..", "dev.underpin.caching"))),
            Map.entry(
                    "errors",
                    Map.of(
                            "dev.underpin.errors", List.of("dev.underpin.result..", "org.slf4j.."),
                            "dev.underpin.errors.context", List.of("dev.underpin.result..", "org.slf4j.."),
                            "dev.underpin.errors.json",
                                    List.of("dev.underpin.result..", "com.fasterxml.jackson..", "tools.jackson.."),
                            "dev.underpin.errors.internal", List.of("dev.underpin.result.."),
                            "dev.underpin.errors.validation",
                                    List.of("dev.underpin.result..", "jakarta.validation.."))),
            Map.entry(
                    "idempotency",
                    Map.of(
                            "dev.underpin.idempotency", List.of("dev.underpin.result.."),
                            "dev.underpin.idempotency.json",
                                    List.of("dev.underpin.result..", "com.fasterxml.jackson..", "tools.jackson.."))),
            Map.entry(
                    "pagination",
                    Map.of("dev.underpin.pagination", List.of("dev.underpin.result..", "javax.crypto.."))),
            Map.entry(
                    "persistence-jdbi",
                    Map.of(
                            "dev.underpin.persistence",
                            List.of(
                                    "dev.underpin.result..",
                                    "dev.underpin.pagination..",
                                    "javax.sql..",
                                    "org.jdbi..",
                                    "org.postgresql..",
                                    "org.slf4j.."),
                            "dev.underpin.persistence.batching",
                            List.of("dev.underpin.result..", "dev.underpin.batching..", "org.jdbi.."),
                            "dev.underpin.persistence.hikari",
                            List.of("dev.underpin.result..", "com.zaxxer.hikari.."),
                            "dev.underpin.persistence.idempotency",
                            List.of("dev.underpin.result..", "dev.underpin.idempotency..", "org.jdbi.."),
                            "dev.underpin.persistence.internal",
                            List.of("dev.underpin.result..", "dev.underpin.pagination..", "org.jdbi.."))),
            Map.entry(
                    "resilience",
                    Map.of(
                            "dev.underpin.resilience",
                            List.of("dev.underpin.result..", "io.github.resilience4j..", "org.slf4j.."))),
            Map.entry(
                    "testkit",
                    Map.of(
                            "dev.underpin.testkit",
                            List.of(
                                    "dev.underpin.result..",
                                    "dev.underpin.caching..",
                                    "dev.underpin.pagination..",
                                    "dev.underpin.persistence..",
                                    "org.jdbi..",
                                    "org.junit.jupiter.api.."),
                            "dev.underpin.testkit.contract",
                            List.of(
                                    "dev.underpin.result..",
                                    "dev.underpin.caching..",
                                    "dev.underpin.idempotency..",
                                    "org.junit.jupiter.api.."))));

    private static final Map<Path, JavaClasses> IMPORTED = new ConcurrentHashMap<>();

    static List<Module> published() {
        return Checkout.published();
    }

    /** The published modules and what was built of the others. */
    static List<Path> everyModule() {
        return Stream.concat(
                        published().stream().map(Module::classes),
                        Stream.of("quickstart", "benchmarks")
                                .map(folder -> Checkout.root().resolve(folder).resolve("target/classes")))
                .filter(Files::isDirectory)
                .toList();
    }

    @Test
    void table_publishedModules_namesEachOfThem() {
        assertThat(STANDS_ON.keySet())
                .as("the modules of the dependency table in this test")
                .containsExactlyInAnyOrderElementsOf(
                        published().stream().map(Module::folder).toList());
    }

    @ParameterizedTest
    @MethodSource("published")
    void package_dependencies_areThoseOfTheTable(Module module) {
        JavaClasses classes = imported(module.classes());
        String root = module.descriptor().name();
        Map<String, List<String>> table = new TreeMap<>(STANDS_ON.get(module.folder()));

        assertThat(classes.stream()
                        .map(JavaClass::getPackageName)
                        .filter(name -> !name.isEmpty())
                        .distinct())
                .as("packages of %s that the table in this test does not know", module)
                .isSubsetOf(table.keySet());
        table.forEach((name, allowed) -> {
            String[] packages = Stream.concat(Stream.of("java..", "org.jspecify..", root + ".."), allowed.stream())
                    .toArray(String[]::new);
            classes()
                    .that()
                    .resideInAPackage(name)
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(packages)
                    .allowEmptyShould(true)
                    .check(classes);
        });
    }

    @ParameterizedTest
    @MethodSource("published")
    void module_packages_formNoCycle(Module module) {
        slices().assignedFrom(new EachPackage())
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(imported(module.classes()));
    }

    @ParameterizedTest
    @MethodSource("published")
    void module_exports_areOpenToAllAndNotInternal(Module module) {
        ModuleDescriptor descriptor = module.descriptor();

        assertThat(descriptor.exports()).isNotEmpty().allSatisfy(export -> {
            assertThat(export.isQualified())
                    .as("%s is exported to some", export)
                    .isFalse();
            assertThat(export.source()).startsWith(descriptor.name());
            assertThat(Arrays.asList(export.source().split("\\."))).doesNotContain("internal");
        });
        Set<String> withClasses = imported(module.classes()).stream()
                .map(JavaClass::getPackageName)
                .collect(Collectors.toSet());
        assertThat(descriptor.opens().stream().map(ModuleDescriptor.Opens::source))
                .as("packages opened to reflection")
                .noneMatch(withClasses::contains);
    }

    @ParameterizedTest
    @MethodSource("published")
    void publicType_outsideExports_isInternal(Module module) {
        String[] exported = module.exportedPackages().toArray(String[]::new);

        classes()
                .that()
                .arePublic()
                .and()
                .areTopLevelClasses()
                .and()
                .resideOutsideOfPackages(exported)
                .should()
                .resideInAPackage("..internal..")
                .allowEmptyShould(true)
                .check(imported(module.classes()));
    }

    @ParameterizedTest
    @MethodSource("everyModule")
    void type_name_saysWhatItDoes(Path classes) {
        noClasses()
                .should()
                .haveNameMatching(".*(Impl|Util|Utils|Helper|Manager|Base)")
                .allowEmptyShould(true)
                .check(imported(classes));
    }

    @ParameterizedTest
    @MethodSource("everyModule")
    void logging_javaUtilLogging_isNotUsed(Path classes) {
        GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING
                .allowEmptyShould(true)
                .check(imported(classes));
    }

    @ParameterizedTest
    @MethodSource("published")
    void output_standardStreams_areNotWritten(Module module) {
        GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS
                .allowEmptyShould(true)
                .check(imported(module.classes()));
    }

    private static JavaClasses imported(Path classes) {
        return IMPORTED.computeIfAbsent(classes, new ClassFileImporter()::importPath);
    }

    /** Makes every package a slice of its own; the library's patterns leave the root package out. */
    private static final class EachPackage implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return type.getPackageName().isEmpty()
                    ? SliceIdentifier.ignore()
                    : SliceIdentifier.of(type.getPackageName());
        }

        @Override
        public String getDescription() {
            return "the packages of the module";
        }
    }
}
