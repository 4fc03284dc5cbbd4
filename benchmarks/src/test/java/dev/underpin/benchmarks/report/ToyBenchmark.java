package dev.underpin.benchmarks.report;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;

/** What the fixture says it measured. JMH does not see it: it has no benchmarks. */
@Question("What does a toy cost?")
public final class ToyBenchmark {
    private ToyBenchmark() {}

    /** Ours. */
    @Contestant(value = "our toy", role = Role.OURS)
    public static void ours() {}

    /** A peer. */
    @Contestant(value = "slow <peer>", role = Role.PEER)
    public static void slowPeer() {}

    /** Another peer. */
    @Contestant(value = "fast | peer", role = Role.PEER)
    public static void fastPeer() {}

    /** The limit. */
    @Contestant(value = "by hand", role = Role.LIMIT)
    public static void byHand() {}

    /** A reference. */
    @Contestant(value = "other means", role = Role.REFERENCE)
    public static void other() {}

    /** The harness. */
    @Contestant(value = "nothing", role = Role.BASELINE)
    public static void baseline() {}

    /** Ours, of another row. */
    @Contestant(value = "our second toy", role = Role.OURS, row = "second")
    public static void second() {}
}
