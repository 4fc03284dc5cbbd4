package dev.underpin.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the BOM lists: every published module of ours, and nothing else. */
class BomTest {
    private static final Pattern MANAGED = Pattern.compile("<dependency>\\s*<groupId>([^<]+)</groupId>");
    private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");

    private final Path root = Checkout.root();

    @Test
    void bom_manages_onlyOurs() {
        assertThat(all(MANAGED, root.resolve("bom/pom.xml"))).isNotEmpty().containsOnly("dev.underpin");
    }

    @Test
    void bom_lists_everyModuleThatIsDeployed() {
        List<String> deployed = all(MODULE, root.resolve("pom.xml")).stream()
                .distinct()
                .filter(module -> !module.equals("bom"))
                .filter(module -> !Checkout.read(root.resolve(module).resolve("pom.xml"))
                        .contains("<maven.deploy.skip>true</maven.deploy.skip>"))
                .toList();

        assertThat(deployed).isNotEmpty().containsExactlyInAnyOrderElementsOf(listed());
    }

    @Test
    void foreignProjects_useEveryListedModuleAlone() throws IOException {
        List<String> foreign = new ArrayList<>();
        try (Stream<Path> folders = Files.list(root.resolve("build-tests/src/it/foreign"))) {
            folders.forEach(folder -> foreign.add(folder.getFileName().toString()));
        }

        assertThat(foreign).containsAll(listed());
    }

    private static List<String> listed() {
        return Checkout.published().stream().map(Checkout.Module::folder).toList();
    }

    private static List<String> all(Pattern pattern, Path file) {
        return pattern.matcher(Checkout.read(file))
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
    }
}
