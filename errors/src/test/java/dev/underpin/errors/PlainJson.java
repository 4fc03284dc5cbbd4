package dev.underpin.errors;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A body writer without a library: what the contract of {@link BodyWriter} asks for and nothing else. */
public final class PlainJson implements BodyWriter {
    /** Makes a writer. */
    public PlainJson() {}

    @Override
    public byte[] write(Object tree) {
        StringBuilder out = new StringBuilder();
        append(out, tree);
        return out.toString().getBytes(UTF_8);
    }

    private static void append(StringBuilder out, @Nullable Object value) {
        if (value == null || value instanceof Boolean || value instanceof Number) {
            out.append(value);
        } else if (value instanceof String text) {
            appendText(out, text);
        } else if (value instanceof List<?> list) {
            appendList(out, list.iterator());
        } else if (value instanceof Map<?, ?> map) {
            appendMap(out, map);
        } else {
            throw new IllegalArgumentException(
                    "cannot write a " + value.getClass().getName());
        }
    }

    private static void appendList(StringBuilder out, Iterator<?> items) {
        out.append('[');
        while (items.hasNext()) {
            append(out, items.next());
            out.append(items.hasNext() ? "," : "");
        }
        out.append(']');
    }

    private static void appendMap(StringBuilder out, Map<?, ?> map) {
        String separator = "";
        out.append('{');
        for (Map.Entry<?, ?> field : map.entrySet()) {
            out.append(separator);
            appendText(out, (String) field.getKey());
            out.append(':');
            append(out, field.getValue());
            separator = ",";
        }
        out.append('}');
    }

    private static void appendText(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20) {
                        out.append(String.format("\\u%04X", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
