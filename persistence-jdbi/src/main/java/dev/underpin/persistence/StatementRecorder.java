package dev.underpin.persistence;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the statements of a {@code Jdbi}, and says which are repeated where one would do. A statement is known by its text
 * as it is given to JDBI, without literals and comments; the place it was asked for, by the three innermost methods of the
 * service's own code. Values are compared by a hash, and neither told nor held behind the recording.
 *
 * <p>What JDBI does not tell is not counted: {@code begin}, {@code commit} and savepoints, statements on the connection of a
 * handle, and those that fail while they are prepared. What fails later is counted as any other. A batch is one statement.
 *
 * <p>Never throws into a statement. Where nothing is recorded, a statement costs a look at a thread-local; recorded, a stack
 * is walked from the second time on that a statement runs. Thread-safe, and immutable.
 */
public final class StatementRecorder {
    private static final Logger LOG = LoggerFactory.getLogger(StatementRecorder.class);

    /** Tests that run side by side install at the same moment. */
    private static final ReentrantLock INSTALLING = new ReentrantLock();

    private final Watched watched;
    private final Settings settings;

    private StatementRecorder(Watched watched, Settings settings) {
        this.watched = watched;
        this.settings = settings;
    }

    /**
     * {@return a recorder of what a {@code Jdbi} runs} To be called while that is set up, after a logger of its own was set:
     * that goes on. A second call counts nothing twice.
     *
     * @param jdbi whose statements, on handles that are opened from now on
     */
    public static StatementRecorder install(Jdbi jdbi) {
        SqlStatements statements = jdbi.getConfig(SqlStatements.class);
        INSTALLING.lock();
        try {
            Watched watched = Hook.find(statements.getSqlLogger());
            if (watched == null) {
                watched = new Watched();
                statements.setSqlLogger(new Hook(watched, statements.getSqlLogger()));
            }
            return new StatementRecorder(watched, new Settings(3, false, 1, null));
        } finally {
            INSTALLING.unlock();
        }
    }

    /**
     * {@return a recorder of the same {@code Jdbi} with another threshold}
     *
     * @param times how often a statement is repeated at a place to be suspected; 3 by default. With 2, as in tests, the stack
     *     is walked for each statement and to its end: two calls must not be taken for a loop of two
     * @throws IllegalArgumentException if it is below 2
     */
    public StatementRecorder threshold(int times) {
        if (times < 2) {
            throw new IllegalArgumentException("times must be at least 2: " + times);
        }
        return new StatementRecorder(
                watched, new Settings(times, settings.writes(), settings.share(), settings.listener()));
    }

    /** {@return a recorder of the same {@code Jdbi} that also tells of writes that a batch would do} */
    public StatementRecorder withWrites() {
        return new StatementRecorder(
                watched, new Settings(settings.threshold(), true, settings.share(), settings.listener()));
    }

    /**
     * {@return a recorder of the same {@code Jdbi} for a service at work} What a recording has found when it is closed is a
     * warning of the logger with the name of this class, and told to the listener; once for each statement at a place, and of
     * at most 1,000.
     *
     * @param share of the recordings that are made, evenly; the others record nothing
     * @param listener counts it, say; what it throws is logged
     * @throws IllegalArgumentException if the share is not from 0 to 1
     */
    public StatementRecorder reporting(double share, Consumer<? super Finding> listener) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share must be from 0 to 1: " + share);
        }
        Objects.requireNonNull(listener, "listener");
        return new StatementRecorder(watched, new Settings(settings.threshold(), settings.writes(), share, listener));
    }

    /**
     * {@return a recording of what this thread runs, and what it hands on by {@link #carry}, until it is closed} What runs in
     * a recording that is started inside another counts in both.
     *
     * @param name what is recorded, such as {@code GET /orders}
     */
    public Recording start(String name) {
        return start(name, Extent.THREAD);
    }

    /**
     * {@return a recording of what all threads run until it is closed, as a test needs it} But for those that are in another
     * recording of this kind: tests that run side by side do not mix, as far as threads are their own or by {@link #carry}.
     *
     * @param name what is recorded
     */
    public Recording startOnAllThreads(String name) {
        return start(name, Extent.ALL_THREADS);
    }

    private Recording start(String name, Extent extent) {
        Recording recording = new Recording(this, Objects.requireNonNull(name, "name"), extent);
        if (settings.listener() != null && !watched.isSampled(settings.share())) {
            recording.open = false;
            return recording;
        }
        watched.current.set(recording);
        if (extent == Extent.ALL_THREADS) {
            watched.ofAllThreads.add(recording);
        }
        return recording;
    }

    /**
     * {@return a task for another thread that is recorded as this thread is now}
     *
     * @param task what to run
     */
    public Runnable carry(Runnable task) {
        Objects.requireNonNull(task, "task");
        Recording recording = watched.innermost();
        return recording == null ? task : () -> watched.with(recording, task);
    }

    /**
     * Runs something that is not recorded, such as a loop that is meant to be one; but for recordings that are started in it.
     *
     * @param body runs on this thread, and on others by {@link #carry}
     */
    public void pause(Runnable body) {
        watched.with(new Recording(this, "pause", Extent.NOTHING), body);
    }

    /** What a recording suspects. */
    public enum Verdict {
        /** The same statement with different values, at one place. */
        N_PLUS_ONE("read them all at once: by a join, KeyedQuery, or a loader of underpin-batching"),
        /** The same statement with the same values, at one place. */
        DUPLICATE_QUERY("read it once and pass it on, or load it by a loader of underpin-batching, which remembers"),
        /** A loader that is asked for one key after the other, at one place, so that none of its batches has two. */
        SEQUENTIAL_LOAD("load all keys at once, load them in tasks of the scope, or tell the loader which are to come"),
        /** The same write, at one place; only if {@link #withWrites} asks for it. */
        UNBATCHED_WRITE("send them as one batch: by prepareBatch, or @SqlBatch");

        private final String hint;

        Verdict(String hint) {
            this.hint = hint;
        }

        /** {@return what to do about it} */
        public String hint() {
            return hint;
        }
    }

    /**
     * A statement that was recorded.
     *
     * @param sql its text, without literals; {@code (a batch of several)} of {@code Handle.createBatch()}, whose texts JDBI
     *     does not tell
     * @param verb what it does: {@code select}, {@code insert}, {@code update}, {@code delete}, {@code merge} and so on; of
     *     one that writes and reads, such as {@code insert ... returning}, what it writes
     * @param count how often it ran
     * @param site where the service asks for it most often, the innermost frame first; empty if nobody looked
     * @param method the method of the SQL object that it is of; empty if it is of none
     * @param batched whether it read the rows of a batch, by {@link KeyedQuery}
     */
    public record Statement(String sql, String verb, int count, String site, String method, boolean batched) {}

    /**
     * A statement that was repeated where one would do.
     *
     * @param verdict what it looks like
     * @param recording the name of the recording
     * @param sql its text, without literals
     * @param count how often it ran at the place
     * @param site where the service asks for it, the innermost frame first; empty if none of its code was on the stack, which
     *     takes ten
     * @param method the method of the SQL object that it is of; empty if it is of none
     */
    public record Finding(Verdict verdict, String recording, String sql, int count, String site, String method) {}

    /**
     * What ran while it was open. To be closed by the thread that started it; may be asked by any, then and later.
     * Thread-safe.
     */
    public static final class Recording implements AutoCloseable {
        private static final int MOST_STATEMENTS = 1_000;

        private final StatementRecorder recorder;
        private final String name;
        private final Extent extent;
        private final @Nullable Recording outer;
        private final ReentrantLock lock = new ReentrantLock();
        private final Map<SqlText, Tally> tallies = new LinkedHashMap<>();
        private volatile boolean open = true;

        private Recording(StatementRecorder recorder, String name, Extent extent) {
            this.recorder = recorder;
            this.name = name;
            this.extent = extent;
            this.outer = recorder.watched.innermost();
        }

        /** {@return the statements, in the order in which they ran first} */
        public List<Statement> statements() {
            lock.lock();
            try {
                return tallies.values().stream().map(Tally::statement).toList();
            } finally {
                lock.unlock();
            }
        }

        /** {@return what was repeated where one would do; empty if nothing} */
        public List<Finding> findings() {
            Settings settings = recorder.settings;
            lock.lock();
            try {
                List<Finding> findings = new ArrayList<>();
                tallies.values()
                        .forEach(tally ->
                                findings.addAll(tally.findings(name, settings.threshold(), settings.writes())));
                return List.copyOf(findings);
            } finally {
                lock.unlock();
            }
        }

        /** Ends it. Again is nothing. */
        @Override
        public void close() {
            if (!open) {
                return;
            }
            open = false;
            Watched watched = recorder.watched;
            watched.ofAllThreads.remove(this);
            var unused = watched.innermost(); // lets go of this one, if it is that of this thread
            if (recorder.settings.listener() != null) {
                findings().forEach(finding -> watched.report(finding, recorder.settings.listener()));
            }
        }

        /** {@return whether it was started in a pause of another, and so has all that is not recorded there} */
        private boolean isInsteadOf(Recording other) {
            boolean paused = false;
            for (Recording around = outer; around != null; around = around.outer) {
                paused |= around.extent == Extent.NOTHING;
                if (around == other) {
                    return paused;
                }
            }
            return false;
        }

        private void add(Execution execution) {
            boolean looks = recorder.settings.looksAt(execution);
            if (!looks || !recorder.settings.looksAtFirst()) {
                lock.lock();
                try {
                    Tally tally = tallies.get(execution.text());
                    if (tally == null || !looks) {
                        tally(execution).add(execution, looks);
                        return;
                    }
                } finally {
                    lock.unlock();
                }
            }
            CallSite site = recorder.settings.looksAtFirst() ? execution.whole() : execution.near();
            // no lock is held meanwhile, nor while the service's values say what they are
            var unused = execution.values();
            lock.lock();
            try {
                tally(execution).add(execution, site);
            } finally {
                lock.unlock();
            }
        }

        private Tally tally(Execution execution) {
            Tally tally = tallies.get(execution.text());
            if (tally != null) {
                return tally;
            }
            SqlText text = tallies.size() < MOST_STATEMENTS
                    ? execution.text()
                    : SqlText.others(execution.text().verb());
            return tallies.computeIfAbsent(text, any -> new Tally(execution, text));
        }
    }

    /** What a recording is of. */
    private enum Extent {
        THREAD,
        ALL_THREADS,
        /** A pause. */
        NOTHING
    }

    /** How a recorder records. */
    private record Settings(
            int threshold,
            boolean writes,
            double share,
            @Nullable Consumer<? super Finding> listener) {
        boolean looksAtFirst() {
            return threshold == 2;
        }

        /** A test is shown where each statement is; a service at work has no more to pay than what can be found. */
        boolean looksAt(Execution execution) {
            SqlText text = execution.text();
            return looksAtFirst() || (!execution.isMeant() && (text.loads() || (writes && text.writes())));
        }
    }

    /** What is known of a {@code Jdbi}, for all recorders of it. */
    private static final class Watched {
        private static final int MOST_TEXTS = 1_000;
        private static final int MOST_REPORTS = 1_000;

        @SuppressWarnings("ThreadLocalUsage") // one for each Jdbi, which live as long as the program
        private final ThreadLocal<@Nullable Recording> current = new ThreadLocal<>();

        private final List<Recording> ofAllThreads = new CopyOnWriteArrayList<>();
        private final Map<String, SqlText> texts = new ConcurrentHashMap<>();
        private final Set<List<Object>> reported = ConcurrentHashMap.newKeySet();
        private final AtomicLong starts = new AtomicLong();

        /** {@return the one of this thread} What was closed elsewhere, or in another order, is let go of. */
        @Nullable
        Recording innermost() {
            Recording recording = current.get();
            if (recording == null || recording.open) {
                return recording;
            }
            while (recording != null && !recording.open) {
                recording = recording.outer;
            }
            set(recording);
            return recording;
        }

        void set(@Nullable Recording recording) {
            if (recording == null) {
                current.remove();
            } else {
                current.set(recording);
            }
        }

        void with(Recording recording, Runnable body) {
            Recording before = current.get();
            current.set(recording);
            try {
                body.run();
            } finally {
                set(before);
            }
        }

        boolean isSampled(double share) {
            long start = starts.getAndIncrement();
            return Math.floor((start + 1) * share) > Math.floor(start * share);
        }

        /** Sees one that has just run, on its thread. */
        void saw(StatementContext context) {
            Recording recording = innermost();
            if (recording == null && ofAllThreads.isEmpty()) {
                return;
            }
            try {
                add(new Execution(text(context.getRawSql()), context), recording);
            } catch (RuntimeException e) {
                LOG.warn("A statement was not recorded", e);
            }
        }

        private void add(Execution execution, @Nullable Recording innermost) {
            boolean ofATest = false;
            for (Recording recording = innermost; recording != null; recording = recording.outer) {
                if (recording.extent == Extent.NOTHING) {
                    return;
                }
                if (recording.open) {
                    recording.add(execution);
                    ofATest |= recording.extent == Extent.ALL_THREADS;
                }
            }
            if (!ofATest) {
                ofAllThreads.stream()
                        .filter(recording -> ofAllThreads.stream().noneMatch(other -> other.isInsteadOf(recording)))
                        .forEach(recording -> recording.add(execution));
            }
        }

        private SqlText text(@Nullable String raw) {
            if (raw == null) {
                return SqlText.of(null);
            }
            if (raw.length() > SqlText.MOST_CHARACTERS) {
                return SqlText.of(raw); // a thousand of these are too much to hold
            }
            SqlText text = texts.get(raw);
            if (text == null) {
                text = SqlText.of(raw);
                if (texts.size() >= MOST_TEXTS) {
                    texts.clear(); // texts with values in them come without end
                }
                texts.put(raw, text);
            }
            return text;
        }

        void report(Finding finding, Consumer<? super Finding> listener) {
            if (reported.size() >= MOST_REPORTS
                    || !reported.add(List.of(finding.verdict(), finding.sql(), finding.site()))) {
                return;
            }
            LOG.warn(
                    "{}: {} ran {} times in {}, at {}; {}",
                    finding.verdict(),
                    SlowStatements.line(finding.sql()),
                    finding.count(),
                    SlowStatements.line(finding.recording()),
                    finding.site().isEmpty() ? "an unknown place" : finding.site(),
                    finding.verdict().hint());
            try {
                listener.accept(finding);
            } catch (RuntimeException e) {
                LOG.warn("The listener of a statement recorder failed", e);
            }
        }
    }

    private record Hook(Watched watched, SqlLogger other) implements SqlLogger {
        /** {@return what a logger, or one of ours around it, tells; null if it is of others} */
        static @Nullable Watched find(SqlLogger logger) {
            SqlLogger inner = logger;
            while (inner instanceof SlowStatements.Watch slow) {
                inner = slow.other();
            }
            return inner instanceof Hook hook ? hook.watched : null;
        }

        @Override
        public void logBeforeExecution(StatementContext context) {
            other.logBeforeExecution(context);
        }

        @Override
        public void logAfterExecution(StatementContext context) {
            watched.saw(context);
            other.logAfterExecution(context);
        }

        @Override
        public void logException(StatementContext context, SQLException e) {
            watched.saw(context);
            other.logException(context, e);
        }
    }
}
