package dev.underpin.errors.json;

import dev.underpin.errors.Envelope;
import dev.underpin.errors.internal.FieldName;
import dev.underpin.errors.internal.Fields;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;
import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes our trees token by token, past the serializers of a mapper; only what stands at {@code data} and in {@code meta}
 * is the mapper's. One walk for both Jacksons, whose generators have nothing in common but their names.
 *
 * @param <G> the generator
 * @param <C> the context that finds the mapper's serializers
 * @param <X> what both throw
 */
abstract class TreeWriter<G, C, X extends Exception> {
    abstract void startObject(G out) throws X;

    abstract void endObject(G out) throws X;

    abstract void startArray(G out) throws X;

    abstract void endArray(G out) throws X;

    abstract void name(G out, FieldName name) throws X;

    abstract void name(G out, String name) throws X;

    abstract void string(G out, String value) throws X;

    abstract void bool(G out, boolean value) throws X;

    abstract void nil(G out) throws X;

    /** Writes characters that are a JSON value already. */
    abstract void raw(G out, String value) throws X;

    /** Writes a value of the service as the mapper does. */
    abstract void any(G out, C context, Object value) throws X;

    final void root(G out, C context, Fields tree) throws X {
        startObject(out);
        for (int i = 0; i < tree.size(); i++) {
            FieldName name = tree.ownName(i);
            Object value = tree.value(i);
            if (name == FieldName.DATA) {
                data(out, context, value);
            } else if (name == FieldName.META && value instanceof Map<?, ?> meta) {
                meta(out, context, meta);
            } else {
                field(out, context, tree, i);
            }
        }
        endObject(out);
    }

    final void envelope(G out, C context, Envelope<?> envelope) throws X {
        startObject(out);
        data(out, context, envelope.data());
        if (!envelope.meta().isEmpty()) {
            meta(out, context, envelope.meta());
        }
        endObject(out);
    }

    private void data(G out, C context, @Nullable Object value) throws X {
        name(out, FieldName.DATA);
        foreign(out, context, value);
    }

    private void meta(G out, C context, Map<?, ?> meta) throws X {
        name(out, FieldName.META);
        startObject(out);
        for (Map.Entry<?, ?> entry : meta.entrySet()) {
            name(out, String.valueOf(entry.getKey()));
            foreign(out, context, entry.getValue());
        }
        endObject(out);
    }

    private void foreign(G out, C context, @Nullable Object value) throws X {
        if (value == null || value == Unit.UNIT) {
            nil(out);
        } else {
            any(out, context, value);
        }
    }

    private void own(G out, C context, @Nullable Object value) throws X {
        if (value instanceof String string) {
            string(out, string);
        } else if (value instanceof Fields fields) {
            object(out, context, fields);
        } else if (value instanceof List<?> list) {
            startArray(out);
            for (int i = 0; i < list.size(); i++) {
                own(out, context, list.get(i));
            }
            endArray(out);
        } else if (value instanceof Boolean bool) {
            bool(out, bool);
        } else if (value instanceof Number number) {
            number(out, context, number);
        } else if (value instanceof Map<?, ?> map) {
            startObject(out);
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                name(out, String.valueOf(entry.getKey()));
                own(out, context, entry.getValue());
            }
            endObject(out);
        } else {
            foreign(out, context, value);
        }
    }

    private void object(G out, C context, Fields fields) throws X {
        startObject(out);
        for (int i = 0; i < fields.size(); i++) {
            field(out, context, fields, i);
        }
        endObject(out);
    }

    private void field(G out, C context, Fields fields, int index) throws X {
        FieldName name = fields.ownName(index);
        if (name == null) {
            name(out, fields.name(index));
        } else {
            name(out, name);
        }
        own(out, context, fields.value(index));
    }

    /** Writes the usual numbers past the mapper, which could be set to quote them. */
    private void number(G out, C context, Number number) throws X {
        boolean whole = number instanceof Integer
                || number instanceof Long
                || number instanceof Short
                || number instanceof Byte
                || number.getClass() == BigInteger.class;
        boolean finite = number.getClass() == BigDecimal.class
                || ((number instanceof Double || number instanceof Float) && Double.isFinite(number.doubleValue()));
        if (whole || finite) {
            raw(out, number.toString());
        } else {
            foreign(out, context, number);
        }
    }

    /** {@return why values of a type must not be written; null if they may} */
    static @Nullable String refusal(Class<?> type) {
        if (Result.class.isAssignableFrom(type)) {
            return "A Result is not written as JSON: fold it, or put its value into an Envelope";
        }
        if (DomainError.class.isAssignableFrom(type)) {
            return "A DomainError is not written as JSON: let a Renderer render it";
        }
        if (Throwable.class.isAssignableFrom(type)) {
            return "A throwable is not written as JSON: it would show its stack trace";
        }
        if (InputStream.class.isAssignableFrom(type) || Reader.class.isAssignableFrom(type)) {
            return "A stream is not written as JSON: read it first";
        }
        return type == Object.class ? "A bare Object is not written as JSON: it has no content" : null;
    }
}
