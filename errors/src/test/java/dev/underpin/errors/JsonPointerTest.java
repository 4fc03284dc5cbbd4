package dev.underpin.errors;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonPointerTest {
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            delimiter = '|',
            value = {
                "'$'                     | '#'",
                "''                      | '#'",
                "price                   | #/price",
                "items[2].price          | #/items/2/price",
                "[0].sku                 | #/0/sku",
                "$[0].sku                | #/0/sku",
                "$.price                 | #/price",
                "$price                  | #/$price",
                "a[1][2]                 | #/a/1/2",
                "tags[]                  | #/tags",
                "tags[].name             | #/tags/name",
                "m[key_1]                | #/m/key_1",
                "m[?]                    | #/m/?",
                "m[\"\"]                 | #/m/",
                "m[\"a.b[c]\"].x         | #/m/a.b%5Bc%5D/x",
                "m[\"a/b~c\"]            | #/m/a~1b~0c",
                "m[\"a\\\"b\\\\c\"]      | #/m/a%22b%5Cc",
                "m[\"\\u000d\\u202e\"]   | #/m/%0D%E2%80%AE",
                "m[\"\\ud83d\\ude00\"]   | #/m/%F0%9F%98%80",
                "m[\"\\u12\"]            | #/m/u12",
                "m[\"\\u12zz\"]          | #/m/u12zz",
                "m[\"open                | #/m/open",
                "m[\"open\\              | #/m/open%5C",
                "m[\"a\"x                | #/m/a/x",
                "m[open                  | #/m/open",
                "a..b                    | #/a/b",
                "größe                   | #/gr%C3%B6%C3%9Fe",
                "a b%#^                  | #/a%20b%25%23%5E",
                "m[\"-._!$&()*+,;=:@?\"] | #/m/-._!$&()*+,;=:@?"
            })
    void of_path_isAPointerInAFragment(String path, String pointer) {
        assertThat(JsonPointer.of(path)).isEqualTo(pointer);
        assertThat(URI.create(pointer)).hasToString(pointer);
    }

    @Test
    void of_randomText_isAlwaysAFragment() {
        String alphabet = "ab$.[]\"\\u0d~/ %é\ud83d\ude00\u0000";
        for (long seed = 0; seed < 2_000; seed++) {
            var random = new Random(seed);
            var path = new StringBuilder();
            for (int i = random.nextInt(40); i > 0; i--) {
                path.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }

            assertThat(URI.create(JsonPointer.of(path.toString())))
                    .as("seed %d", seed)
                    .hasPath("");
        }
    }
}
