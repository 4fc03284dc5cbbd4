package dev.underpin.errors.internal;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one JSON object in the order they were added. Any writer of bodies sees an unmodifiable map; ours walk
 * the array, which makes writing a tree as cheap as writing a record.
 */
public final class Fields extends AbstractMap<String, @Nullable Object> {
    private @Nullable Object[] namesAndValues;
    private int length;

    /**
     * Makes an object without fields.
     *
     * @param expected how many fields to make room for
     */
    public Fields(int expected) {
        namesAndValues = new @Nullable Object[2 * expected];
    }

    /**
     * Adds a field of our own. The caller adds each name once, before the tree is handed out.
     *
     * @param name the name
     * @param value a string, number, boolean, list, map, null, or the caller's data
     * @return this
     */
    public Fields add(FieldName name, @Nullable Object value) {
        return append(name, value);
    }

    /**
     * Adds a field with a name of the service's. The caller adds each name once, before the tree is handed out.
     *
     * @param name the name
     * @param value a string, number, boolean, list, map or null
     * @return this
     */
    public Fields add(String name, @Nullable Object value) {
        return append(name, value);
    }

    private Fields append(Object name, @Nullable Object value) {
        if (length == namesAndValues.length) {
            namesAndValues = Arrays.copyOf(namesAndValues, Math.max(8, 2 * length));
        }
        namesAndValues[length++] = name;
        namesAndValues[length++] = value;
        return this;
    }

    @Override
    public int size() {
        return length / 2;
    }

    /**
     * {@return the name of a field}
     *
     * @param index its position
     */
    public String name(int index) {
        return Objects.requireNonNull(namesAndValues[2 * Objects.checkIndex(index, size())])
                .toString();
    }

    /**
     * {@return the name of a field, if it is one of ours}
     *
     * @param index its position
     */
    public @Nullable FieldName ownName(int index) {
        return namesAndValues[2 * Objects.checkIndex(index, size())] instanceof FieldName own ? own : null;
    }

    /**
     * {@return the value of a field}
     *
     * @param index its position
     */
    public @Nullable Object value(int index) {
        return namesAndValues[2 * Objects.checkIndex(index, size()) + 1];
    }

    @Override
    public Set<Entry<String, @Nullable Object>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return Fields.this.size();
            }

            @Override
            public Iterator<Entry<String, @Nullable Object>> iterator() {
                return new Iterator<>() {
                    private int next;

                    @Override
                    public boolean hasNext() {
                        return next < Fields.this.size();
                    }

                    @Override
                    public Map.Entry<String, @Nullable Object> next() {
                        if (!hasNext()) {
                            throw new NoSuchElementException();
                        }
                        int index = next++;
                        return new SimpleImmutableEntry<>(name(index), value(index));
                    }
                };
            }
        };
    }
}
