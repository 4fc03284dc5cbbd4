package dev.underpin.build;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.build.Checkout.Module;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The public API of each module equals the text that was reviewed, so a change of it is seen in the diff of a commit.
 *
 * <p>To accept a change: {@code mvn verify -pl build-tests -am -Dapi.update=true}, then commit the changed file.
 */
class ApiTest {
    private static final Path GOLDEN = Checkout.root().resolve("build-tests/src/test/resources/api");

    static List<Module> published() {
        return Checkout.published();
    }

    @ParameterizedTest
    @MethodSource("published")
    void module_publicSignatures_areTheReviewedOnes(Module module) throws IOException, ClassNotFoundException {
        Path golden = GOLDEN.resolve(module.folder() + ".txt");
        String actual = new PublicApi(module).describe();
        if (Boolean.getBoolean("api.update")) {
            Files.writeString(golden, actual);
        }

        assertThat(actual)
                .as(
                        "the public API of %s. If the change is meant, accept it with"
                                + " 'mvn verify -pl build-tests -am -Dapi.update=true' and commit %s",
                        module, Checkout.root().relativize(golden))
                .isEqualTo(Files.exists(golden) ? Checkout.read(golden) : "");
    }
}
