package dev.underpin.caching;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What threads did with a cache and its store, and whether there is an order of it in which the cache never told anything
 * wrong: one that keeps every step within its time, and so before all that began when it was over (Wing and Gong 1993, with
 * the memory of Lowe 2017).
 *
 * <p>The specification is a register with generations, for each key. Its state is the list of the values a read may return,
 * oldest first; the last is what the store holds.
 *
 * <pre>
 * store v            appends v
 * forget the key     leaves the last
 * forget a tag       leaves the last, and those that do not have the tag
 * put v              leaves v and, behind it, the last
 * read v             must find v; leaves all
 * read nothing       is always right
 * </pre>
 *
 * So a read returns what the store held at some time since the latest invalidation that was over before the read began, or
 * what was put since. It may always be newer: a cache is free to forget by itself. A read that began before the end of an
 * invalidation may still return the value before, as if it had come first. That no read goes back behind an earlier one is
 * not asked for: a load that an invalidation has overtaken hands what it found to its caller and not to the cache, and that
 * may be newer than what the cache then has.
 *
 * <p>What concerns several keys is taken as a step for each: the promise is by key. All values that are stored or put are
 * different, but what is put may be what was stored.
 */
final class History {
    private enum Kind {
        STORE,
        FORGET,
        PUT,
        READ
    }

    /** A step on one key, and the moments, all different, between which it happened. */
    private record Step(
            int key, Kind kind, long value, @Nullable String tag, int begin, int end) {
        @Override
        public String toString() {
            String what = tag != null ? " " + tag : kind == Kind.FORGET ? "" : " " + value;
            return "%3d-%3d  key %d  %s%s".formatted(begin, end, key, kind, what);
        }
    }

    private static final int KEYS = 2;

    /** What the store holds of every key in the beginning. */
    static final long FIRST = 0;

    private final AtomicInteger time = new AtomicInteger();
    private final Queue<Step> steps = new ConcurrentLinkedQueue<>();

    /** {@return the moment}: no two calls return the same. */
    int now() {
        return time.getAndIncrement();
    }

    void store(int key, long value, Runnable store) {
        int begin = now();
        store.run();
        steps.add(new Step(key, Kind.STORE, value, null, begin, now()));
    }

    /** That the key was forgotten, since then. */
    void forgot(int key, int begin) {
        steps.add(new Step(key, Kind.FORGET, FIRST, null, begin, now()));
    }

    /** That a tag was forgotten, since then; null: all of all keys. */
    void forgotAll(@Nullable String tag, int begin) {
        int end = now();
        for (int key = 0; key < KEYS; key++) {
            steps.add(new Step(key, Kind.FORGET, FIRST, tag, begin, end));
        }
    }

    void put(int key, long value, int begin) {
        steps.add(new Step(key, Kind.PUT, value, null, begin, now()));
    }

    void read(Supplier<Map<Integer, Long>> read) {
        int begin = now();
        Map<Integer, Long> found = read.get();
        int end = now();
        found.forEach((key, value) -> steps.add(new Step(key, Kind.READ, value, null, begin, end)));
    }

    /** {@return whether the specification allows it} */
    boolean isRight() {
        for (int key = 0; key < KEYS; key++) {
            if (!new Search(of(key)).finds(0, List.of(FIRST))) {
                return false;
            }
        }
        return true;
    }

    private List<Step> of(int key) {
        return steps.stream()
                .filter(step -> step.key == key)
                .sorted(Comparator.comparingInt(Step::begin))
                .toList();
    }

    @Override
    public String toString() {
        List<String> lines = new ArrayList<>();
        for (int key = 0; key < KEYS; key++) {
            of(key).forEach(step -> lines.add(step.toString()));
        }
        return String.join("\n", lines);
    }

    /** For an order of the steps of one key. */
    private static final class Search {
        private record Seen(long done, List<Long> values) {}

        private final List<Step> steps;
        private final Set<Seen> seen = new HashSet<>();

        Search(List<Step> steps) {
            if (steps.size() >= Long.SIZE) {
                throw new IllegalArgumentException("too many steps: " + steps.size());
            }
            this.steps = steps;
        }

        boolean finds(long done, List<Long> values) {
            if (done == (1L << steps.size()) - 1) {
                return true;
            }
            if (!seen.add(new Seen(done, values))) {
                return false;
            }
            int firstEnd = Integer.MAX_VALUE;
            for (int i = 0; i < steps.size(); i++) {
                firstEnd = isDone(done, i) ? firstEnd : Math.min(firstEnd, steps.get(i).end);
            }
            for (int i = 0; i < steps.size(); i++) {
                Step step = steps.get(i);
                if (!isDone(done, i) && step.begin < firstEnd) {
                    List<Long> after = after(step, values);
                    if (!after.isEmpty() && finds(done | 1L << i, after)) {
                        return true;
                    }
                }
            }
            return false;
        }

        private static boolean isDone(long done, int step) {
            return (done >>> step & 1) == 1;
        }

        /** {@return the values after that step}: none if it is not possible now. */
        private static List<Long> after(Step step, List<Long> values) {
            long last = values.get(values.size() - 1);
            return switch (step.kind) {
                case STORE -> {
                    List<Long> more = new ArrayList<>(values);
                    more.add(step.value);
                    yield more;
                }
                case FORGET ->
                    values.stream()
                            .filter(value -> value == last || (step.tag != null && !isTagged(value, step.tag)))
                            .toList();
                case PUT -> step.value == last ? List.of(last) : List.of(step.value, last);
                case READ -> values.contains(step.value) ? values : List.of();
            };
        }

        private static boolean isTagged(long value, String tag) {
            return tag.equals(Subject.ALL) || value % 2 == 1;
        }
    }
}
