package dev.underpin.benchmarks.report;

import dev.underpin.benchmarks.batching.DistinctBenchmark;
import dev.underpin.benchmarks.batching.Kind;
import dev.underpin.benchmarks.batching.OneKeyBenchmark;
import dev.underpin.benchmarks.batching.RecorderBenchmark;
import dev.underpin.benchmarks.batching.TasksBenchmark;
import dev.underpin.benchmarks.batching.ThreadsBenchmark;
import dev.underpin.benchmarks.caching.BulkBenchmark;
import dev.underpin.benchmarks.caching.EnqueueBenchmark;
import dev.underpin.benchmarks.caching.HitBenchmark;
import dev.underpin.benchmarks.caching.HitThreadsBenchmark;
import dev.underpin.benchmarks.caching.InvalidateBenchmark;
import dev.underpin.benchmarks.caching.MissBenchmark;
import dev.underpin.benchmarks.caching.TurnsBenchmark;
import dev.underpin.benchmarks.caching.WaiterBenchmark;
import dev.underpin.benchmarks.errors.RenderBenchmark;
import dev.underpin.benchmarks.errors.RequestIdBenchmark;
import dev.underpin.benchmarks.errors.TranslateBenchmark;
import dev.underpin.benchmarks.errors.ViolationsBenchmark;
import dev.underpin.benchmarks.idempotency.ExecuteBenchmark;
import dev.underpin.benchmarks.idempotency.LiveClaimBenchmark;
import dev.underpin.benchmarks.idempotency.OverheadBenchmark;
import dev.underpin.benchmarks.idempotency.ReapBenchmark;
import dev.underpin.benchmarks.idempotency.StoreBenchmark;
import dev.underpin.benchmarks.pagination.CursorBenchmark;
import dev.underpin.benchmarks.pagination.PageBenchmark;
import dev.underpin.benchmarks.pagination.SqlBenchmark;
import dev.underpin.benchmarks.resilience.BackoffBenchmark;
import dev.underpin.benchmarks.resilience.FailureBenchmark;
import dev.underpin.benchmarks.resilience.KeyedLimitBenchmark;
import dev.underpin.benchmarks.resilience.OpenBenchmark;
import dev.underpin.benchmarks.resilience.SuccessBenchmark;
import dev.underpin.benchmarks.resilience.TimeoutBenchmark;
import dev.underpin.benchmarks.result.AccumulateBenchmark;
import dev.underpin.benchmarks.result.BuildingBlocksBenchmark;
import dev.underpin.benchmarks.result.ChainBenchmark;
import dev.underpin.benchmarks.result.DepthBenchmark;
import dev.underpin.benchmarks.result.TraverseBenchmark;
import dev.underpin.benchmarks.transactions.TransactionBenchmark;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The goals of the modules that are measured. */
final class Goals {
    /** The record of ten numbers, its Ok, ten handles, what builds the record, the validation and what it shares. */
    private static final int TEN_FIELDS = 56 + 16 + 10 * 24 + 56 + 24 + 24;

    /** 1.2 of what a first page takes that finds its 51 rows by one walk through an index of three levels. */
    private static final double BUFFERS_OF_A_PAGE = Math.floor(1.2 * (51 + 3));

    /** Those of result-core and errors. */
    static final List<Goal> FOUNDATION = foundation();

    /** Those of pagination that need no database. */
    static final List<Goal> PAGINATION = pagination();

    /** Those of pagination that need one. */
    static final List<Goal> PAGES = pages();

    /** Those of transactions. */
    static final List<Goal> TRANSACTIONS = transactions();

    /** Those of idempotency. */
    static final List<Goal> IDEMPOTENCY = idempotency();

    /** Those of resilience. */
    static final List<Goal> RESILIENCE = resilience();

    /** Those of caching. */
    static final List<Goal> CACHING = caching();

    /** Those of batching. */
    static final List<Goal> BATCHING = batching();

    static final List<Goal> ALL =
            all(List.of(FOUNDATION, PAGINATION, PAGES, TRANSACTIONS, IDEMPOTENCY, RESILIENCE, CACHING, BATCHING));

    private Goals() {}

    /** {@return the goals of some presets, each once} */
    static List<Goal> all(List<List<Goal>> some) {
        return some.stream().flatMap(List::stream).distinct().toList();
    }

    private static List<Goal> foundation() {
        List<Goal> goals = new ArrayList<>();
        goals.addAll(chain());
        goals.addAll(buildingBlocks());
        goals.addAll(errors());
        return List.copyOf(goals);
    }

    private static List<Goal> chain() {
        return List.of(
                Goal.againstBestPeer(
                        "chain without failures: time ÷ best peer", 1, ChainBenchmark.class, "ours", failures(0)),
                Goal.againstBestPeer(
                        "chain of failures only: time ÷ best peer", 1, ChainBenchmark.class, "ours", failures(100)),
                Goal.against(
                        "chain with 10 % failures: time ÷ vavr Either",
                        0.8, ChainBenchmark.class, "ours", "vavrEither", failures(10)),
                Goal.against(
                        "the same, read by pattern: time ÷ vavr Either",
                        0.8,
                        ChainBenchmark.class,
                        "oursByPattern",
                        "vavrEither",
                        failures(10)),
                Goal.against(
                        "chain of failures only: time ÷ exception with stack trace",
                        0.01,
                        ChainBenchmark.class,
                        "ours",
                        "exception",
                        failures(100)),
                Goal.against(
                        "failure 10 frames below: time ÷ exception without stack trace",
                        0.2,
                        DepthBenchmark.class,
                        "ours",
                        "stackless",
                        Map.of("depth", "10", "failures", "100")),
                Goal.bytesAbove(
                        "traverse of 1000: bytes above a presized list and one outcome by hand",
                        0,
                        TraverseBenchmark.class,
                        "ours",
                        "byHand",
                        Map.of("items", "1000", "outcome", "ALL_SUCCEED")),
                Goal.bytes(
                        "ten fields without a fault, and no list for faults: bytes",
                        TEN_FIELDS,
                        AccumulateBenchmark.class,
                        "ours",
                        Map.of("faults", "0")));
    }

    private static List<Goal> buildingBlocks() {
        return List.of(
                block("Ok: bytes", 16, "okOurs"),
                block("Ok without a value: bytes", 0, "unitOurs"),
                block("Err of a given reason: bytes", 16, "errOurs"),
                block("map on Err: bytes", 0, "mapOnErrOurs"),
                block("flatMap on Err: bytes", 0, "flatMapOnErrOurs"),
                block("mapError on Ok: bytes", 0, "mapErrorOnOkOurs"),
                block("widen: bytes", 0, "widenOurs"));
    }

    private static List<Goal> errors() {
        List<Goal> goals = new ArrayList<>();
        goals.add(Goal.bytes("three violations to details: bytes", 450, ViolationsBenchmark.class, "ours", Map.of()));
        for (String jackson : List.of("JACKSON_2", "JACKSON_3")) {
            Map<String, String> params = Map.of("jackson", jackson);
            goals.add(rendering("success", jackson, "successOurs", "successByHand", params));
            goals.add(rendering("error", jackson, "errorOurs", "errorByHand", params));
            goals.add(rendering("problem details", jackson, "problemOurs", "problemByHand", params));
            goals.add(Goal.bytes(
                    "rendering, error, " + jackson + ": bytes", 900, RenderBenchmark.class, "errorOurs", params));
        }
        goals.add(Goal.nanos(
                "exception in two wrappers to error: time",
                300,
                TranslateBenchmark.class,
                "ours",
                Map.of("thrown", "WRAPPED")));
        goals.add(Goal.bytes("check of a request id: bytes", 0, RequestIdBenchmark.class, "checkOurs", Map.of()));
        goals.add(Goal.bytes("a new request id: bytes", 136, RequestIdBenchmark.class, "makeOurs", Map.of()));
        return goals;
    }

    private static Goal rendering(
            String what, String jackson, String method, String byHand, Map<String, String> params) {
        return Goal.against(
                "rendering, " + what + ", " + jackson + ": time ÷ ObjectWriter of a record",
                1.2,
                RenderBenchmark.class,
                method,
                byHand,
                params);
    }

    private static List<Goal> pagination() {
        List<Goal> goals = new ArrayList<>(cursors());
        for (String listing : List.of("UNIFORM", "FEW")) {
            Map<String, String> params = Map.of("listing", listing);
            goals.add(Goal.nanos(
                    "SQL behind a cursor, " + listing + ": time", 300, SqlBenchmark.class, "deepOurs", params));
            goals.add(Goal.against(
                    "SQL behind a cursor, " + listing + ": time ÷ jOOQ seek",
                    0.05,
                    SqlBenchmark.class,
                    "deepOurs",
                    "deepJooq",
                    params));
        }
        return List.copyOf(goals);
    }

    private static List<Goal> cursors() {
        Map<String, String> three = Map.of("keys", "THREE");
        Map<String, String> two = Map.of("keys", "TWO");
        Class<?> type = CursorBenchmark.class;
        String chars = CursorBenchmark.CHARS;
        return List.of(
                Goal.against("making a cursor: time ÷ HMAC alone", 1.6, type, "encodeOurs", "encodeHmacAlone", three),
                // A third, a fifth: for a reader who multiplies, at least three and five times as fast.
                Goal.against(
                        "making a cursor: time ÷ Jackson and HMAC",
                        0.33,
                        type,
                        "encodeOurs",
                        "encodeJsonSigned",
                        three),
                Goal.against(
                        "reading a cursor: time ÷ Jackson and HMAC",
                        0.2,
                        type,
                        "decodeOurs",
                        "decodeJsonSigned",
                        three),
                Goal.bytesAgainst(
                        "making a cursor: bytes ÷ Jackson and HMAC",
                        0.2,
                        type,
                        "encodeOurs",
                        "encodeJsonSigned",
                        three),
                Goal.bytesAgainst(
                        "reading a cursor: bytes ÷ Jackson and HMAC",
                        0.2,
                        type,
                        "decodeOurs",
                        "decodeJsonSigned",
                        three),
                Goal.against(
                        "refusing a forged cursor: time ÷ reading a good one",
                        1,
                        type,
                        "refuseOurs",
                        "refuseNothing",
                        three),
                Goal.count("a cursor of a time and a UUID: characters", 66, type, "encodeOurs", chars, two),
                Goal.countAgainst(
                        "a cursor of a time and a UUID: characters ÷ Jackson and HMAC",
                        0.45,
                        type,
                        "encodeOurs",
                        "encodeJsonSigned",
                        chars,
                        two));
    }

    private static List<Goal> pages() {
        List<Goal> goals = new ArrayList<>();
        for (String listing : List.of("UNIFORM", "MIXED", "FEW", "NULLABLE")) {
            for (String depth : List.of("START", "MIDDLE", "END")) {
                goals.add(Goal.count(
                        "page at " + depth + ", " + listing + ": buffers",
                        BUFFERS_OF_A_PAGE,
                        PageBenchmark.class,
                        "ours",
                        PageBenchmark.BUFFERS,
                        Map.of("listing", listing, "depth", depth)));
            }
        }
        return List.copyOf(goals);
    }

    private static List<Goal> transactions() {
        List<Goal> goals = new ArrayList<>();
        // One to begin, one for each statement, one to commit: whatever the isolation.
        Map.of("INSERT", 3, "SERIALIZABLE", 4, "READ_ONLY", 3, "ROLLED_BACK", 3)
                .forEach((work, trips) -> goals.add(Goal.count(
                        "transaction, " + work + ": round trips",
                        trips,
                        TransactionBenchmark.class,
                        "ours",
                        TransactionBenchmark.ROUND_TRIPS,
                        Map.of("work", work, "database", "POSTGRESQL"))));
        goals.sort(Comparator.comparing(Goal::text));
        goals.add(Goal.againstBestPeer(
                "transaction, SERIALIZABLE: time ÷ best peer",
                1,
                TransactionBenchmark.class,
                "ours",
                Map.of("work", "SERIALIZABLE", "database", "POSTGRESQL")));
        return List.copyOf(goals);
    }

    private static List<Goal> idempotency() {
        Map<String, String> unflushed = Map.of("commit", "UNFLUSHED");
        Map<String, String> expired = Map.of("expired", "100000");
        Class<?> execute = ExecuteBenchmark.class;
        String all = "a first request with 1 KB of JSON, without a database: ";
        return List.of(
                Goal.nanos(all + "time", 15_000, OverheadBenchmark.class, "allOurs", Map.of()),
                Goal.bytes(all + "bytes", 4096, OverheadBenchmark.class, "allOurs", Map.of()),
                Goal.countAbove(
                        "a key in its transaction: round trips above the transaction",
                        1,
                        execute,
                        "ours",
                        "bare",
                        ExecuteBenchmark.ROUND_TRIPS,
                        unflushed),
                Goal.countAbove(
                        "a key in its transaction: µs of the server above the transaction",
                        110,
                        execute,
                        "ours",
                        "bare",
                        ExecuteBenchmark.SERVER_CPU,
                        unflushed),
                Goal.countAbove(
                        "a key in its transaction: bytes of WAL above the transaction",
                        620,
                        execute,
                        "ours",
                        "bare",
                        ExecuteBenchmark.WAL,
                        unflushed),
                Goal.count(
                        "a key with an answer of 200 bytes: bytes in table and indexes",
                        600,
                        execute,
                        "ours",
                        ExecuteBenchmark.ROW,
                        unflushed),
                // 85 % of the rate.
                Goal.against(
                        "a key in its transaction, commits flushed: time ÷ the transaction",
                        1.18,
                        execute,
                        "ours",
                        "bare",
                        Map.of("commit", "FLUSHED")),
                // 9000 and 18000 in a second by two threads.
                Goal.nanos("claim, two threads: time", 222_000, StoreBenchmark.class, "claimOurs", Map.of()),
                Goal.nanos("repeat, two threads: time", 111_000, StoreBenchmark.class, "repeatOurs", Map.of()),
                // 50000 rows in a second.
                Goal.nanos("deleting 1000 expired keys: time", 20_000_000, ReapBenchmark.class, "ours", expired),
                Goal.countAgainst(
                        "claims while keys are deleted: p99 ÷ while none is",
                        2,
                        LiveClaimBenchmark.class,
                        "whileReaping",
                        "idle",
                        LiveClaimBenchmark.P99,
                        expired));
    }

    private static List<Goal> resilience() {
        Map<String, String> many = Map.of("clients", "100000");
        return List.of(
                Goal.against(
                        "success: time ÷ resilience4j Retry(CircuitBreaker), for JDK 17",
                        0.8,
                        SuccessBenchmark.class,
                        "ours",
                        "resilience4j",
                        Map.of()),
                Goal.against("the same, for JDK 25", 1.3, SuccessBenchmark.class, "ours", "resilience4j", Map.of()),
                Goal.against(
                        "success: time ÷ Failsafe Retry, CircuitBreaker",
                        0.5,
                        SuccessBenchmark.class,
                        "ours",
                        "failsafe",
                        Map.of()),
                Goal.bytes("success: bytes", 0, SuccessBenchmark.class, "ours", Map.of()),
                Goal.nanos("success, all stages: time", 200, SuccessBenchmark.class, "allOurs", Map.of()),
                Goal.bytes("success, all stages: bytes", 24, SuccessBenchmark.class, "allOurs", Map.of()),
                Goal.against(
                        "an error that counts as a failure: time ÷ resilience4j recordResult",
                        0.125,
                        FailureBenchmark.class,
                        "unavailableOurs",
                        "unavailableResilience4j",
                        Map.of()),
                Goal.bytes(
                        "an error that counts as a failure: bytes",
                        0,
                        FailureBenchmark.class,
                        "unavailableOurs",
                        Map.of()),
                Goal.bytes("an error that does not: bytes", 0, FailureBenchmark.class, "notFoundOurs", Map.of()),
                Goal.against(
                        "refused by an open circuit: time ÷ resilience4j without stack traces",
                        0.1,
                        OpenBenchmark.class,
                        "ours",
                        "untraced",
                        Map.of()),
                Goal.bytes("refused by an open circuit: bytes", 0, OpenBenchmark.class, "ours", Map.of()),
                Goal.nanos("timeout of an attempt: time", 300, TimeoutBenchmark.class, "ours", Map.of()),
                Goal.bytes("timeout of an attempt: bytes", 120, TimeoutBenchmark.class, "ours", Map.of()),
                Goal.against(
                        "a permit of one of 100000 keys: time ÷ Bucket4j",
                        1.2,
                        KeyedLimitBenchmark.class,
                        "ours",
                        "bucket4j",
                        many),
                Goal.bytes("a permit of one of 100000 keys: bytes", 0, KeyedLimitBenchmark.class, "ours", many),
                Goal.nanos("delay before a retry: time", 10, BackoffBenchmark.class, "ours", Map.of()),
                Goal.bytes("delay before a retry: bytes", 0, BackoffBenchmark.class, "ours", Map.of()));
    }

    private static List<Goal> caching() {
        List<Goal> goals = new ArrayList<>();
        goals.addAll(hits("one key", Map.of("draw", "ONE")));
        goals.addAll(hits("keys by Zipf's law", Map.of("draw", "ZIPF")));
        Map<String, String> million = Map.of("most", "1000000");
        goals.addAll(List.of(
                Goal.against(
                        "hit, two threads, one key: time ÷ Caffeine",
                        1.25,
                        HitThreadsBenchmark.class,
                        "oursTwo",
                        "caffeineTwo",
                        Map.of("draw", "ONE")),
                Goal.bytes("hit, four caches by turns: bytes", 0, TurnsBenchmark.class, "hitOurs", Map.of()),
                Goal.against(
                        "miss and invalidation: time ÷ Caffeine",
                        1.8,
                        MissBenchmark.class,
                        "ours",
                        "caffeine",
                        Map.of()),
                Goal.against(
                        "miss and invalidation: time ÷ JetCache, protected",
                        0.5,
                        MissBenchmark.class,
                        "ours",
                        "jetCache",
                        Map.of()),
                Goal.bytes("miss and invalidation: bytes", 450, MissBenchmark.class, "ours", Map.of()),
                Goal.bytes(
                        "miss and invalidation, four caches by turns: bytes",
                        450,
                        TurnsBenchmark.class,
                        "missOurs",
                        Map.of()),
                Goal.count(
                        "waiting for the load of another thread: bytes",
                        200,
                        WaiterBenchmark.class,
                        "ours",
                        WaiterBenchmark.BYTES,
                        Map.of()),
                Goal.against(
                        "100 values together: time ÷ 100 gets of ours",
                        1.3,
                        BulkBenchmark.class,
                        "hitsOurs",
                        "hitsOneByOne",
                        Map.of()),
                Goal.against(
                        "invalidating a tag of 1000000 entries: time ÷ of 1000",
                        1.5,
                        InvalidateBenchmark.class,
                        "tagWhole",
                        "tagThousandth",
                        million),
                Goal.against(
                        "clearing 1000000 entries: time ÷ 1000",
                        1.5,
                        InvalidateBenchmark.class,
                        "clearWhole",
                        "clearThousandth",
                        million),
                Goal.nanos("a change of a key that waits: time", 150, EnqueueBenchmark.class, "again", Map.of()),
                Goal.bytes("a change of a key that waits: bytes", 0, EnqueueBenchmark.class, "again", Map.of())));
        return List.copyOf(goals);
    }

    private static List<Goal> hits(String keys, Map<String, String> params) {
        String hit = "hit, " + keys + ": ";
        return List.of(
                Goal.against(hit + "time ÷ Caffeine", 1.3, HitBenchmark.class, "ours", "caffeine", params),
                Goal.against(hit + "time ÷ Spring on Caffeine", 1.25, HitBenchmark.class, "ours", "spring", params),
                Goal.against(hit + "time ÷ JetCache, protected", 0.25, HitBenchmark.class, "ours", "jetCache", params),
                Goal.bytes(hit + "bytes", 0, HitBenchmark.class, "ours", params));
    }

    private static List<Goal> batching() {
        List<Goal> goals = new ArrayList<>();
        Class<?> distinct = DistinctBenchmark.class;
        Class<?> hit = dev.underpin.benchmarks.batching.HitBenchmark.class;
        for (String n : List.of("100", "1000", "10000")) {
            Map<String, String> keys = Map.of("n", n);
            double bound = n.equals("10000") ? 0.4 : 0.33;
            goals.add(
                    Goal.againstBestPeer(n + " keys, one by one: time ÷ best peer", bound, distinct, "eachOurs", keys));
            goals.add(
                    Goal.againstBestPeer(n + " keys, by one call: time ÷ best peer", bound, distinct, "allOurs", keys));
        }
        Map<String, String> thousand = Map.of("n", "1000");
        goals.addAll(List.of(
                // 96 for each key; and where a caller keeps the futures and the results, two arrays of them.
                Goal.bytes("1000 keys, by one call: bytes", 96_000, distinct, "allOurs", thousand),
                Goal.bytes("1000 keys, one by one: bytes", 104_000, distinct, "eachOurs", thousand),
                Goal.againstBestPeer(
                        "scope, loader and one key: time ÷ best peer", 0.5, OneKeyBenchmark.class, "ours", Map.of()),
                Goal.bytes("scope, loader and one key: bytes", 900, OneKeyBenchmark.class, "ours", Map.of()),
                Goal.againstBestPeer("a key that is there: time ÷ best peer", 0.67, hit, "valueOurs", Map.of()),
                Goal.bytes("a key that is there: bytes", 0, hit, "valueOurs", Map.of())));
        for (String threads : List.of("2", "4")) {
            goals.add(Goal.countAgainst(
                    threads + " threads, a load: CPU time ÷ java-dataloader",
                    0.67,
                    ThreadsBenchmark.class,
                    "ours",
                    "dataLoader",
                    ThreadsBenchmark.CPU,
                    Map.of("threads", threads)));
        }
        goals.addAll(tasks());
        goals.addAll(List.of(
                // A millisecond.
                Goal.nanos(
                        "three steps of loads: time",
                        1_000_000,
                        dev.underpin.benchmarks.batching.ChainBenchmark.class,
                        "ours",
                        Map.of()),
                Goal.nanos("a statement that is recorded: time", 200, RecorderBenchmark.class, "once", Map.of()),
                Goal.nanos("the same that runs again: time", 4000, RecorderBenchmark.class, "again", Map.of())));
        return List.copyOf(goals);
    }

    private static List<Goal> tasks() {
        List<Goal> goals = new ArrayList<>();
        for (String tasks : Kind.hasVirtual() ? List.of("100", "1000", "10000") : List.<String>of()) {
            Map<String, String> params = Map.of("tasks", tasks, "kind", "VIRTUAL");
            goals.add(Goal.countAgainst(
                    tasks + " virtual threads, a load in each: CPU time ÷ starting and waiting",
                    1.4,
                    TasksBenchmark.class,
                    "ours",
                    "parked",
                    TasksBenchmark.CPU,
                    params));
            goals.add(Goal.countAgainst(
                    tasks + " virtual threads, a load in each: CPU time ÷ java-dataloader",
                    1,
                    TasksBenchmark.class,
                    "ours",
                    "dataLoader",
                    TasksBenchmark.CPU,
                    params));
        }
        return goals;
    }

    private static Goal block(String text, double bound, String method) {
        return Goal.bytes(text, bound, BuildingBlocksBenchmark.class, method, Map.of());
    }

    private static Map<String, String> failures(int percent) {
        return Map.of("failures", Integer.toString(percent));
    }
}
