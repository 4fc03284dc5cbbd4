package dev.underpin.quickstart;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {
    private static final String ROOT = "dev.underpin.quickstart";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    @Test
    void layers_dependencies_pointInwards() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage(ROOT + "..")
                .layer("wiring")
                .definedBy(ROOT)
                .layer("http")
                .definedBy(ROOT + ".http")
                .layer("infrastructure")
                .definedBy(ROOT + ".infrastructure")
                .layer("application")
                .definedBy(ROOT + ".application")
                .layer("domain")
                .definedBy(ROOT + ".domain")
                .whereLayer("wiring")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("http")
                .mayOnlyBeAccessedByLayers("wiring")
                .whereLayer("infrastructure")
                .mayOnlyBeAccessedByLayers("wiring")
                .whereLayer("application")
                .mayOnlyBeAccessedByLayers("wiring", "http", "infrastructure")
                .check(CLASSES);
    }

    @Test
    void sql_anywhereElse_isForbidden() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".infrastructure")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "org.jdbi..", "com.zaxxer..", "org.h2..", "org.postgresql..")
                .check(CLASSES);
    }

    @Test
    void http_anywhereElse_isForbidden() {
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + ".domain", ROOT + ".application", ROOT + ".infrastructure")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.javalin..",
                        "org.eclipse.jetty..",
                        "jakarta..",
                        "com.fasterxml..",
                        "dev.underpin.errors..",
                        "dev.underpin.caching.http..")
                .check(CLASSES);
    }

    @Test
    void downstream_theShop_isUnknownToIt() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + ".downstream")
                .should()
                .dependOnClassesThat(resideInAPackage(ROOT + "..").and(resideOutsideOfPackage(ROOT + ".downstream")))
                .check(CLASSES);
    }

    @Test
    void domain_anythingElse_isUnknownToIt() {
        classes()
                .that()
                .resideInAPackage(ROOT + ".domain")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        ROOT + ".domain",
                        "java.lang..",
                        "java.math..",
                        "java.time..",
                        "java.util..",
                        "dev.underpin.result..",
                        "org.jspecify..")
                .check(CLASSES);
    }

    @Test
    void application_anythingButDomainKeysPagesDeadlinesAndCaches_isUnknownToIt() {
        classes()
                .that()
                .resideInAPackage(ROOT + ".application")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        ROOT + ".domain",
                        ROOT + ".application",
                        "java.io..", // what a codec throws
                        "java.lang..",
                        "java.nio.charset..",
                        "java.time..",
                        "java.util..",
                        "dev.underpin.caching",
                        "dev.underpin.idempotency..",
                        "dev.underpin.pagination..",
                        "dev.underpin.resilience..",
                        "dev.underpin.result..",
                        "org.jspecify..")
                .check(CLASSES);
    }
}
