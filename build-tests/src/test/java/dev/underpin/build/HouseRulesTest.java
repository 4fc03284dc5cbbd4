package dev.underpin.build;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What must be true of every file of the repository. */
class HouseRulesTest {
    /** Directories that hold no sources of ours. */
    private static final Set<String> SKIPPED = Set.of(".git", ".idea", ".settings", ".vscode", "target");

    // Spelled with spaces, so that this file does not break its own rule.
    private static final Pattern REGISTRY = Pattern.compile(Stream.of(
                    "repo1 maven org",
                    "repo maven apache org",
                    "sonatype org",
                    "sonatype com",
                    "registry npmjs org",
                    "pypi org",
                    "files pythonhosted org",
                    "rubygems org",
                    "jitpack io",
                    "plugins gradle org",
                    "maven google com",
                    "docker io",
                    "ghcr io")
            .map(host -> host.replace(" ", "\\."))
            .collect(joining("|", "\\b(?:", ")\\b")));

    private static final Pattern MACHINE_PATH =
            Pattern.compile("(?<![\\w.~}$-])/(?:home|root|Users)/[\\w.]|[A-Z]:\\\\Users");

    @Test
    void files_packageRegistries_areNotNamed() throws IOException {
        assertThat(linesThatMatch(REGISTRY))
                .as("lines that name the host of a package registry; a build says what it needs, not where from")
                .isEmpty();
    }

    @Test
    void files_pathsOfOneMachine_areNotNamed() throws IOException {
        assertThat(linesThatMatch(MACHINE_PATH))
                .as("lines with a path that exists on one machine only")
                .isEmpty();
    }

    @Test
    void build_wrapper_isAbsent() throws IOException {
        assertThat(files())
                .as("Maven is a prerequisite, no wrapper is kept (ADR 0001)")
                .noneMatch(file -> file.getFileName().toString().startsWith("mvnw") || file.endsWith(".mvn/wrapper"));
    }

    @Test
    void ciRun_command_isThatOfTheReadme() {
        Matcher command = Pattern.compile("test_command=\\((.+)\\)")
                .matcher(Checkout.read(Checkout.root().resolve(".ci/run")));

        assertThat(command.find()).isTrue();
        assertThat(Checkout.read(Checkout.root().resolve("README.md")).lines()).contains(command.group(1));
    }

    @Test
    void bom_pluginVersions_areThoseOfTheParent() {
        Map<String, String> parent = pluginVersions("pom.xml");
        Map<String, String> bom = pluginVersions("bom/pom.xml");

        assertThat(bom).isNotEmpty();
        assertThat(parent).containsAllEntriesOf(bom);
    }

    private static Map<String, String> pluginVersions(String pom) {
        Matcher plugin = Pattern.compile("<artifactId>([a-z-]+-plugin)</artifactId>\\s*<version>([^<]+)</version>")
                .matcher(Checkout.read(Checkout.root().resolve(pom)));
        Map<String, String> versions = new TreeMap<>();
        while (plugin.find()) {
            versions.put(plugin.group(1), plugin.group(2));
        }
        return versions;
    }

    private static List<String> linesThatMatch(Pattern pattern) throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : files()) {
            int number = 0;
            for (String line : lines(file)) {
                number++;
                if (pattern.matcher(line).find()) {
                    found.add(Checkout.root().relativize(file) + ":" + number + " " + line.strip());
                }
            }
        }
        return found;
    }

    private static List<String> lines(Path file) throws IOException {
        try {
            return Files.readAllLines(file);
        } catch (MalformedInputException notText) {
            return List.of();
        }
    }

    private static List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(Checkout.root(), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                return SKIPPED.contains(directory.getFileName().toString()) || directory.endsWith("quickstart/data")
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                files.add(file);
                return FileVisitResult.CONTINUE;
            }
        });
        return files;
    }
}
