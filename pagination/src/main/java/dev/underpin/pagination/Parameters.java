package dev.underpin.pagination;

import dev.underpin.pagination.Filter.Condition;
import dev.underpin.pagination.Filter.Operator;
import dev.underpin.pagination.SortKey.Order;
import dev.underpin.result.Detail;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import dev.underpin.result.ValidationError;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads the parameters of one request against what its listing allows. Confined to one thread. */
final class Parameters<T> {
    private static final int MAX_VALUES = 50;
    private static final int MAX_LENGTH = 200;
    private static final int MAX_LIST_LENGTH = 1000;
    private static final int MAX_DIGITS = 18;
    private static final int MAX_UNKNOWN = 20;

    private final PageSpec<T> spec;
    private final Map<String, ? extends List<String>> params;
    private final List<Detail> faults = new ArrayList<>();

    Parameters(PageSpec<T> spec, Map<String, ? extends List<String>> params) {
        this.spec = spec;
        this.params = params;
    }

    /**
     * What the parameters say.
     *
     * @param orders the order
     * @param conditions the filters
     * @param size how many rows
     * @param fields which fields
     * @param offset how many rows are skipped
     * @param cursor the cursor; null if there is none
     * @param before whether the page ends there, whatever the cursor says
     * @param <T> the type of the rows
     */
    record Read<T>(
            List<Order<T>> orders,
            List<Condition> conditions,
            int size,
            Set<String> fields,
            long offset,
            @Nullable String cursor,
            boolean before) {}

    Result<Read<T>, ValidationError> read() {
        List<Order<T>> orders = orders();
        int size = size();
        Set<String> fields = fields();
        long offset = offset(size);
        List<Condition> conditions = conditions();
        String cursor = single(PageSpec.CURSOR);
        String before = single(PageSpec.BEFORE);
        if (cursor != null && before != null) {
            fault(PageSpec.BEFORE, PaginationErrors.PARAMETER_CONFLICT, Map.of("other", PageSpec.CURSOR));
        }
        if ((cursor != null || before != null) && params.containsKey(PageSpec.PAGE)) {
            String name = cursor == null ? PageSpec.BEFORE : PageSpec.CURSOR;
            fault(name, PaginationErrors.PARAMETER_CONFLICT, Map.of("other", PageSpec.PAGE));
        }
        refuseUnknown();
        return faults.isEmpty()
                ? Result.ok(new Read<>(
                        orders, conditions, size, fields, offset, cursor == null ? before : cursor, before != null))
                : Result.err(new ValidationError(faults));
    }

    private List<Order<T>> orders() {
        String sort = single(PageSpec.SORT);
        if (sort == null || sort.isEmpty()) {
            return spec.defaultOrder();
        }
        List<Order<T>> orders = sort.length() > MAX_LIST_LENGTH ? null : spec.order(sort);
        if (orders == null) {
            fault(
                    PageSpec.SORT,
                    PaginationErrors.UNKNOWN_SORT,
                    Map.of("allowed", List.copyOf(spec.sorts()), "max", PageSpec.MAX_SORT_KEYS));
            return spec.defaultOrder();
        }
        return orders;
    }

    private int size() {
        String text = single(PageSpec.SIZE);
        if (text == null) {
            return spec.defaultSize();
        }
        long size = number(text);
        if (size < 0) {
            fault(PageSpec.SIZE, PaginationErrors.NUMBER_INVALID, Map.of("max", spec.maxSize()));
            return spec.defaultSize();
        }
        if (size > spec.maxSize() && spec.rejectsOversize()) {
            fault(PageSpec.SIZE, PaginationErrors.PAGE_TOO_LARGE, Map.of("max", spec.maxSize()));
        }
        return size == 0 ? spec.defaultSize() : (int) Math.min(size, spec.maxSize());
    }

    private Set<String> fields() {
        String text = spec.fields().isEmpty() ? null : single(PageSpec.FIELDS);
        if (text == null || text.isEmpty()) {
            return spec.fields();
        }
        Set<String> wanted = Set.of();
        if (text.length() <= MAX_LIST_LENGTH) {
            wanted = new LinkedHashSet<>(List.of(text.split(",", -1)));
        }
        if (wanted.isEmpty() || !spec.fields().containsAll(wanted)) {
            fault(PageSpec.FIELDS, PaginationErrors.UNKNOWN_FIELD, allowed(spec.fields()));
            return spec.fields();
        }
        Set<String> inOrder = new LinkedHashSet<>(spec.fields());
        inOrder.retainAll(wanted);
        return Collections.unmodifiableSet(inOrder);
    }

    private long offset(int size) {
        String text = spec.maxOffset() == PageSpec.OFFSET_FORBIDDEN ? null : single(PageSpec.PAGE);
        if (text == null) {
            return 0;
        }
        long page = number(text);
        long max = (long) spec.maxOffset() / size + 1;
        if (page < 1) {
            fault(PageSpec.PAGE, PaginationErrors.NUMBER_INVALID, Map.of("max", max));
            return 0;
        }
        if (page > max) { // compared before it is multiplied: nothing can overflow
            fault(PageSpec.PAGE, PaginationErrors.PAGE_TOO_LARGE, Map.of("max", max));
            return 0;
        }
        return (page - 1) * size;
    }

    private List<Condition> conditions() {
        List<Condition> conditions = new ArrayList<>();
        for (Filter<?> filter : spec.filters().values()) {
            for (Operator operator : filter.operators()) {
                List<String> texts = values(filter.name() + operator.suffix());
                if (!texts.isEmpty()) {
                    Condition condition = condition(filter, operator, texts);
                    if (condition != null) {
                        conditions.add(condition);
                    }
                }
            }
        }
        return List.copyOf(conditions);
    }

    private <V> @Nullable Condition condition(Filter<V> filter, Operator operator, List<String> texts) {
        String parameter = filter.name() + operator.suffix();
        int most = operator == Operator.IN ? MAX_VALUES : 1;
        if (texts.size() > most || texts.stream().anyMatch(text -> text.length() > MAX_LENGTH)) {
            fault(parameter, PaginationErrors.FILTER_TOO_LARGE, Map.of("maxValues", most, "maxLength", MAX_LENGTH));
            return null;
        }
        List<V> values = filter.parse(texts);
        if (values == null) {
            fault(
                    parameter,
                    PaginationErrors.FILTER_INVALID,
                    Map.of("type", filter.type().description()));
            return null;
        }
        return filter.condition(operator, values);
    }

    private void refuseUnknown() {
        boolean allKnown = true;
        for (String name : params.keySet()) {
            allKnown &= name != null && isKnown(name);
        }
        if (!allKnown) {
            nameUnknown();
        }
    }

    private boolean isKnown(String name) {
        return switch (name) {
            case PageSpec.SORT, PageSpec.SIZE, PageSpec.CURSOR, PageSpec.BEFORE -> true;
            case PageSpec.FIELDS -> !spec.fields().isEmpty();
            case PageSpec.PAGE -> spec.maxOffset() != PageSpec.OFFSET_FORBIDDEN;
            default -> isFilter(name);
        };
    }

    private boolean isFilter(String name) {
        int bracket = name.indexOf('['); // none is part of a filter's own name
        Filter<?> filter = spec.filters().get(bracket < 0 ? name : name.substring(0, bracket));
        String suffix = bracket < 0 ? "" : name.substring(bracket);
        return filter != null
                && filter.operators().stream()
                        .anyMatch(operator -> operator.suffix().equals(suffix));
    }

    private void nameUnknown() {
        Set<String> known = new TreeSet<>(Set.of(PageSpec.SORT, PageSpec.SIZE, PageSpec.CURSOR, PageSpec.BEFORE));
        if (!spec.fields().isEmpty()) {
            known.add(PageSpec.FIELDS);
        }
        if (spec.maxOffset() != PageSpec.OFFSET_FORBIDDEN) {
            known.add(PageSpec.PAGE);
        }
        for (Filter<?> filter : spec.filters().values()) {
            filter.operators().forEach(operator -> known.add(filter.name() + operator.suffix()));
        }
        int unknown = 0;
        for (String name : params.keySet()) {
            if ((name == null || !known.contains(name)) && unknown++ < MAX_UNKNOWN) {
                fault(name == null ? "" : shown(name), PaginationErrors.UNKNOWN_FILTER, allowed(known));
            }
        }
    }

    /** {@return the value of a parameter; null if it was not sent} */
    private @Nullable String single(String name) {
        List<String> values = values(name);
        if (values.size() > 1) {
            fault(name, PaginationErrors.PARAMETER_CONFLICT, Map.of("other", "another " + name));
        }
        return values.isEmpty() ? null : values.get(0);
    }

    private List<String> values(String name) {
        List<String> values = params.get(name);
        if (values == null) {
            return List.of();
        }
        for (String value : values) {
            if (value == null) {
                // A parameter without a value is a null with some frameworks, and empty with others.
                return values.stream().map(sent -> sent == null ? "" : sent).toList();
            }
        }
        return values;
    }

    private static String shown(String name) {
        if (name.length() <= MAX_LENGTH) {
            return name;
        }
        int end = Character.isHighSurrogate(name.charAt(MAX_LENGTH - 1)) ? MAX_LENGTH - 1 : MAX_LENGTH;
        return name.substring(0, end);
    }

    /** {@return a number without sign, however large; negative if the text is none} */
    private static long number(String text) {
        boolean digits = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits) {
            return -1;
        }
        return text.length() > MAX_DIGITS ? Long.MAX_VALUE : Long.parseLong(text);
    }

    private static Map<String, Object> allowed(Set<String> names) {
        return Map.of("allowed", List.copyOf(names));
    }

    private void fault(String parameter, ErrorCode code, Map<String, Object> args) {
        faults.add(new Detail(parameter, code.name(), code.error(args).message(), args, "query"));
    }
}
