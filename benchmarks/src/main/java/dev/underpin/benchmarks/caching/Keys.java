package dev.underpin.benchmarks.caching;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** The keys that everybody caches, and the order in which they are asked for. */
final class Keys {
    /** How many there are: all contestants have room for them. */
    static final int ALL = 1024;

    private static final int DRAWS = 1 << 16;
    private static final List<String> KEYS =
            IntStream.range(0, ALL).mapToObj(i -> "product-" + i).toList();

    private Keys() {}

    static List<String> all() {
        return KEYS;
    }

    static String[] drawn(Draw draw) {
        return switch (draw) {
            case ONE -> new String[] {KEYS.get(0)};
            case ZIPF -> zipf();
        };
    }

    private static String[] zipf() {
        double[] upTo = new double[ALL];
        double sum = 0;
        for (int i = 0; i < ALL; i++) {
            sum += 1.0 / (i + 1);
            upTo[i] = sum;
        }
        SplittableRandom random = new SplittableRandom(1);
        String[] drawn = new String[DRAWS];
        for (int i = 0; i < DRAWS; i++) {
            int at = Arrays.binarySearch(upTo, random.nextDouble() * sum);
            drawn[i] = KEYS.get(at < 0 ? -at - 1 : at);
        }
        return drawn;
    }
}
