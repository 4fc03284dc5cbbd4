package dev.underpin.pagination;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Something a listing can be filtered by.
 *
 * @param name what clients call it
 * @param column its SQL expression
 * @param type the type of its values
 * @param kind how values are compared
 * @param <V> the type of its values
 */
record Filter<V>(String name, String column, ColumnType<V> type, Kind kind) {
    /** How values are compared. */
    enum Kind {
        EQUAL,
        RANGE,
        PREFIX
    }

    /** A comparison in SQL, and what it is called behind the name of a parameter. */
    enum Operator {
        IN("", " in "),
        AT_LEAST("[gte]", " >= "),
        MORE("[gt]", " > "),
        AT_MOST("[lte]", " <= "),
        LESS("[lt]", " < "),
        STARTS_WITH("", " like ");

        private final String suffix;
        private final String sql;

        Operator(String suffix, String sql) {
            this.suffix = suffix;
            this.sql = sql;
        }

        String suffix() {
            return suffix;
        }

        String sql() {
            return sql;
        }
    }

    /** {@return what can stand behind the name} */
    List<Operator> operators() {
        return switch (kind) {
            case EQUAL -> List.of(Operator.IN);
            case RANGE -> List.of(Operator.IN, Operator.AT_LEAST, Operator.MORE, Operator.AT_MOST, Operator.LESS);
            case PREFIX -> List.of(Operator.STARTS_WITH);
        };
    }

    /** {@return the values of a parameter; null if one of them is none} */
    @Nullable
    List<V> parse(List<String> texts) {
        List<V> values = new ArrayList<>(texts.size());
        for (String text : texts) {
            V value = type.parse(text);
            if (value == null) {
                return null;
            }
            values.add(value);
        }
        return values;
    }

    /** {@return the comparison with some values, each once and in one order, however they were sent} */
    Condition condition(Operator operator, List<V> values) {
        Map<byte[], Object> bound = new TreeMap<>(Arrays::compareUnsigned);
        for (V value : values) {
            Object plain = type.bound(value);
            var encoded = new CursorWriter();
            if (plain instanceof BigDecimal decimal) { // 10 and 10.0 are one number
                ColumnType.DECIMAL.write(encoded, decimal.stripTrailingZeros());
            } else {
                type.write(encoded, value);
            }
            bound.put(encoded.toByteArray(), plain);
        }
        var canonical = new CursorWriter();
        bound.keySet().forEach(canonical::octets);
        List<Object> distinct = List.copyOf(bound.values());
        return new Condition(
                name + operator.suffix(),
                new Shape(column, operator, distinct.size()),
                distinct,
                canonical.toByteArray());
    }

    /**
     * What a comparison is in the text of a statement.
     *
     * @param column the SQL expression
     * @param operator how it is compared
     * @param count with how many values
     */
    record Shape(String column, Operator operator, int count) {}

    /**
     * A comparison that rows must pass.
     *
     * @param parameter what the client called it
     * @param shape what it is in SQL
     * @param values what the column is compared with
     * @param canonical the values in bytes, equal for equal conditions
     */
    @SuppressWarnings("ArrayRecordComponent") // package-private, and never compared
    record Condition(String parameter, Shape shape, List<Object> values, byte[] canonical) {}
}
