package dev.underpin.persistence;

import dev.underpin.persistence.StatementRecorder.Finding;
import dev.underpin.persistence.StatementRecorder.Statement;
import dev.underpin.persistence.StatementRecorder.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.extension.ExtensionMethod;
import org.jspecify.annotations.Nullable;

/** How often a statement ran in a recording, and where. Confined to who holds the lock of its recording. */
final class Tally {
    private static final int MOST_PLACES = 100;
    /** Where no code of the service is on the stack, whatever runs there is one place. */
    private static final int THRESHOLD_OF_UNKNOWN = 10;
    /** A loader that is asked for one key now and then is as it should be. */
    private static final int THRESHOLD_OF_LOADS = 3;

    private final SqlText text;
    private final @Nullable ExtensionMethod method;
    private final Map<CallSite, Place> places = new LinkedHashMap<>();
    private @Nullable Execution first;
    private int count;
    private boolean batched;

    Tally(Execution first, SqlText text) {
        this.text = text;
        method = first.method();
    }

    /**
     * Counts one without a place.
     *
     * @param matters whether it is where the next one is: it is the first, and nobody has looked
     */
    void add(Execution execution, boolean matters) {
        count++;
        batched |= execution.keys() > 0;
        if (matters) {
            first = execution;
        }
    }

    void add(Execution execution, CallSite site) {
        if (first != null) {
            Execution held = first;
            first = null;
            place(site).add(held);
        }
        count++;
        batched |= execution.keys() > 0;
        if (places.size() < MOST_PLACES || places.containsKey(site)) {
            place(site).add(execution);
        }
    }

    private Place place(CallSite site) {
        return places.computeIfAbsent(site, any -> new Place());
    }

    Statement statement() {
        String site = places.entrySet().stream()
                .max(Comparator.comparingInt(entry -> entry.getValue().all))
                .map(entry -> entry.getKey().toString())
                .orElse("");
        return new Statement(text.sql(), text.verb(), count, site, methodName(), batched);
    }

    List<Finding> findings(String recording, int threshold, boolean writes) {
        List<Finding> findings = new ArrayList<>();
        places.forEach((site, place) -> {
            int least = site.isUnknown() ? Math.max(threshold, THRESHOLD_OF_UNKNOWN) : threshold;
            if (text.loads() && place.most >= least) {
                Verdict verdict = place.differ ? Verdict.N_PLUS_ONE : Verdict.DUPLICATE_QUERY;
                findings.add(finding(verdict, recording, place.most, site));
            } else if (writes && text.writes() && place.most >= least) {
                findings.add(finding(Verdict.UNBATCHED_WRITE, recording, place.most, site));
            }
            if (place.singles >= THRESHOLD_OF_LOADS) {
                findings.add(finding(Verdict.SEQUENTIAL_LOAD, recording, place.singles, site));
            }
        });
        return findings;
    }

    private Finding finding(Verdict verdict, String recording, int times, CallSite site) {
        return new Finding(verdict, recording, text.sql(), times, site.toString(), methodName());
    }

    private String methodName() {
        return method == null
                ? ""
                : method.getType().getSimpleName() + "." + method.getMethod().getName();
    }

    /** What ran at one place. */
    private static final class Place {
        private int all;
        /** How often in one attempt of a transaction, at most: a retry is no loop. */
        private int most;

        private int inAttempt;
        private int attempt = 1;
        /** Batches of a loader, of one key each. */
        private int singles;

        private boolean differ;
        private int values;

        void add(Execution execution) {
            all++;
            if (execution.isMeant()) {
                return;
            }
            if (execution.keys() == 1) {
                singles++;
                return;
            }
            if (attempt != execution.attempt()) {
                attempt = execution.attempt();
                inAttempt = 0;
            }
            inAttempt++;
            if (most == 0) {
                values = execution.values();
            }
            differ |= values != execution.values();
            most = Math.max(most, inAttempt);
        }
    }
}
