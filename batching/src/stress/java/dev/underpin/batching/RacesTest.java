package dev.underpin.batching;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs jcstress, which ends well also if it found no test, or left one out because the machine has too few processors. */
class RacesTest {
    /** The beginning of a line of the list that the annotation processor writes: the length of a name, and the name. */
    private static final Pattern LISTED = Pattern.compile("^JCTEST(\\d+)S");

    /** What it says of tests that ended, and not with what is forbidden, interesting or an error. */
    private static final Pattern PASSED = Pattern.compile("All remaining tests: (\\d+) matching test results");

    @Test
    @Timeout(value = 60, unit = TimeUnit.MINUTES)
    void races_all_ranAndSawNothingForbidden() throws Exception {
        Path out = Path.of("target/jcstress");
        Files.createDirectories(out);
        Path log = out.resolve("run.log");

        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "org.openjdk.jcstress.Main",
                "-r",
                out.toString()));
        command.addAll(List.of(System.getProperty("stress.options", "-m quick").split(" ", -1)));
        Process run = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(Redirect.to(log.toFile()))
                .start();
        try {
            assertThat(run.waitFor()).as("exit of jcstress, see %s", log).isZero();
        } finally {
            run.destroyForcibly();
        }

        Matcher passed = PASSED.matcher(Files.readString(log));
        assertThat(passed.find()).as("a test that passed, see %s", log).isTrue();
        assertThat(Integer.parseInt(passed.group(1)))
                .as("tests that ran and passed, see %s", log)
                .isEqualTo(listed().size())
                .isGreaterThan(10);
    }

    private static Set<String> listed() throws IOException {
        Set<String> names = new TreeSet<>();
        try (InputStream list = RacesTest.class.getResourceAsStream("/META-INF/TestList")) {
            assertThat(list).as("what the annotation processor of jcstress writes").isNotNull();
            for (String line : new String(list.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                Matcher name = LISTED.matcher(line);
                if (name.find()) {
                    names.add(line.substring(name.end(), name.end() + Integer.parseInt(name.group(1))));
                }
            }
        }
        return names;
    }
}
