package dev.underpin.benchmarks.report;

import dev.underpin.benchmarks.Contestant.Role;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Everything that computed the same thing from the same parameters.
 *
 * @param type the benchmark class
 * @param what what was computed, if the class computes more than one thing
 * @param params the parameters by name
 * @param peers how many peers the class declares for it, measured or not
 * @param entries the contestants: ours, the limit, the peers, and the others
 */
record Row(String type, String what, Map<String, String> params, int peers, List<Entry> entries) {
    Row {
        entries = entries.stream().sorted(Comparator.comparing(Entry::role)).toList();
    }

    Optional<Entry> ours() {
        return only(Role.OURS);
    }

    /** {@return the fastest library made for the same purpose} */
    Optional<Entry> bestPeer() {
        return entries.stream()
                .filter(entry -> entry.role() == Role.PEER)
                .min(Comparator.comparingDouble(entry -> entry.measurement().nanos()));
    }

    /** {@return what must be known of the best peer: of how many it is the best, if some were left out; else nothing} */
    String peersLeftOut() {
        long measured =
                entries.stream().filter(entry -> entry.role() == Role.PEER).count();
        return measured < peers ? "best of " + measured + " of " + peers : "";
    }

    Optional<Entry> limit() {
        return only(Role.LIMIT);
    }

    Optional<Entry> method(String method) {
        return entries.stream()
                .filter(entry -> entry.measurement().method().equals(method))
                .findFirst();
    }

    /** {@return the names of what the benchmark counted itself} */
    Set<String> counts() {
        Set<String> counts = new TreeSet<>();
        entries.forEach(entry -> counts.addAll(entry.measurement().counts().keySet()));
        return counts;
    }

    /** {@return our time divided by another's, if both were measured} */
    Optional<Interval> oursOver(Optional<Entry> other) {
        return ours().flatMap(ours -> other.map(entry -> ours.time().over(entry.time())));
    }

    /** {@return what tells this row from the others of its class} */
    String title() {
        var title = new StringBuilder(what);
        params.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(param -> title.append(title.isEmpty() ? "" : ", ")
                        .append(param.getKey())
                        .append(' ')
                        .append(param.getValue()));
        return title.toString();
    }

    private Optional<Entry> only(Role role) {
        return entries.stream().filter(entry -> entry.role() == role).findFirst();
    }
}
