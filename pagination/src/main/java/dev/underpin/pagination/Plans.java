package dev.underpin.pagination;

import dev.underpin.pagination.Filter.Shape;
import dev.underpin.pagination.SortKey.Order;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The texts of the statements of a listing: nearly every page has the form of one before it. Thread-safe. */
final class Plans {
    /** Far more forms than a listing has in use; but clients choose them, so there must be an end. */
    static final int MOST = 500;

    private final Map<Form, Plan> kept = new ConcurrentHashMap<>();

    /**
     * What texts depend on.
     *
     * @param dialect the database
     * @param select the service's statement
     * @param where its conditions
     * @param orders the sort
     * @param shapes the filters
     * @param place what is known of where the page begins: see {@code PageQuery}
     */
    record Form(
            Dialect dialect,
            String select,
            String where,
            List<? extends Order<?>> orders,
            List<Shape> shapes,
            int place) {
        /** Of what remembers its own, or is a number: this is in the way of every page. */
        @Override
        public int hashCode() {
            int hash = (31 * select.hashCode() + where.hashCode()) * 31 + 31 * dialect.hashCode() + place;
            for (Order<?> order : orders) {
                hash = 31 * hash + order.key().name().hashCode() + (order.descending() ? 1 : 0);
            }
            for (Shape shape : shapes) {
                hash = 31 * hash
                        + shape.column().hashCode()
                        + 31 * shape.operator().hashCode()
                        + shape.count();
            }
            return hash;
        }
    }

    /**
     * The texts of one form.
     *
     * @param rows gives the rows
     * @param previousProbe tells whether there are any before; null if there can be none
     * @param extras the parameters of both that most texts do not have
     */
    record Plan(String rows, @Nullable String previousProbe, Set<String> extras) {
        Plan(String rows, @Nullable String previousProbe) {
            this(rows, previousProbe, extras(rows + ' ' + previousProbe));
        }

        private static Set<String> extras(String texts) {
            return PageQuery.EXTRAS.stream()
                    .filter(extra -> texts.contains(':' + extra))
                    .collect(Collectors.toUnmodifiableSet());
        }
    }

    /** {@return the texts of a form, made if they are not at hand} */
    Plan get(Form form, Supplier<Plan> texts) {
        Plan plan = kept.get(form);
        if (plan == null) {
            plan = texts.get();
            if (kept.size() >= MOST) {
                kept.clear(); // the forms in use are back at once
            }
            kept.put(form, plan);
        }
        return plan;
    }

    int size() {
        return kept.size();
    }
}
