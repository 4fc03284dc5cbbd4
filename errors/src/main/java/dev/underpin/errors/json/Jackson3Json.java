package dev.underpin.errors.json;

import dev.underpin.errors.Envelope;
import dev.underpin.errors.internal.FieldPath;
import dev.underpin.errors.internal.Fields;
import dev.underpin.result.ErrorKind;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.PropertyBindingException;
import tools.jackson.databind.introspect.BeanPropertyDefinition;
import tools.jackson.databind.introspect.ClassIntrospector;
import tools.jackson.databind.json.JsonMapper;

/** {@link Json} by Jackson 3. Thread-safe. */
@SuppressWarnings("exports") // optional: see module-info
public final class Jackson3Json extends Json {
    private final ObjectMapper mapper;
    private final ObjectWriter writer;
    private final ObjectWriter compactWriter;
    private final ObjectWriter treeWriter;
    private final ObjectReader reader;

    private Jackson3Json(ObjectMapper mapper) {
        this.mapper = mapper;
        writer = configured(mapper.writer()).without(SerializationFeature.WRAP_ROOT_VALUE);
        compactWriter = writer.without(SerializationFeature.INDENT_OUTPUT);
        treeWriter = compactWriter.forType(Fields.class);
        reader = mapper.reader()
                .with(DeserializationFeature.WRAP_EXCEPTIONS)
                .without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS); // checked here, to tell it from a misfit
    }

    /**
     * {@return JSON by a mapper} Works on a copy with a module of ours; the mapper is not changed.
     *
     * @param mapper the service's mapper
     * @throws IllegalArgumentException if the mapper is one of another format than JSON, cannot be copied, or writes
     *     texts as something else, by a quote character or escapes of its own
     */
    public static Jackson3Json of(ObjectMapper mapper) {
        String format = mapper.tokenStreamFactory().getFormatName(); // null where a subclass does not say
        if (format != null && !JsonFactory.FORMAT_NAME_JSON.equals(format)) {
            throw new IllegalArgumentException("mapper must be one of JSON, not of " + format + ": "
                    + mapper.getClass().getName());
        }
        ObjectMapper copy;
        try {
            copy = mapper.rebuild().addModule(new Jackson3Module()).build();
        } catch (RuntimeException e) {
            throw notCopied(mapper, e);
        }
        if (copy.getClass() != mapper.getClass()) {
            throw notCopied(mapper, null);
        }
        var json = new Jackson3Json(copy);
        json.checkTexts();
        return json;
    }

    private static ObjectWriter configured(ObjectWriter writer) {
        return writer.withFeatures(
                        // Without these an answer need not be JSON.
                        JsonWriteFeature.QUOTE_PROPERTY_NAMES,
                        JsonWriteFeature.WRITE_NAN_AS_STRINGS,
                        // Characters beyond the BMP as themselves, as in Jackson2Json.
                        JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
                .without(JsonWriteFeature.ESCAPE_FORWARD_SLASHES);
    }

    private static IllegalArgumentException notCopied(ObjectMapper mapper, @Nullable Exception cause) {
        return new IllegalArgumentException(
                "mapper cannot be copied: " + mapper.getClass().getName()
                        + " must override rebuild() to return a builder of its own class",
                cause);
    }

    @Override
    public byte[] write(Object tree) {
        return writer(tree).writeValueAsBytes(Objects.requireNonNull(tree, "tree"));
    }

    private ObjectWriter writer(Object tree) {
        if (tree instanceof Fields fields) {
            return isAllOurs(fields) ? Ours.TREE_WRITER : treeWriter;
        }
        return tree instanceof Envelope ? compactWriter : writer;
    }

    @Override
    <T> @Nullable T bind(byte[] body, Class<T> type) throws IOException {
        try (JsonParser parser = reader.createParser(body)) {
            JsonToken first = parser.nextToken();
            T value = first == null || first == JsonToken.VALUE_NULL
                    ? null
                    : reader.forType(type).readValue(parser);
            if (parser.nextToken() != null) {
                throw new IOException("The body goes on after its value");
            }
            return value;
        }
    }

    @Override
    @Nullable
    Fault syntax(byte[] body) {
        try (JsonParser parser = reader.createParser(body)) {
            return scan(parser, body);
        } catch (JacksonException e) {
            TokenStreamLocation place = e.getLocation();
            return place == null ? Fault.malformed(0) : Fault.malformed(place.getLineNr());
        }
    }

    private @Nullable Fault scan(JsonParser parser, byte[] body) {
        try {
            return scan(parser);
        } catch (JacksonException e) {
            if (parser.isEnabled(StreamReadFeature.STRICT_DUPLICATE_DETECTION)) {
                ObjectReader lenient = reader.without(StreamReadFeature.STRICT_DUPLICATE_DETECTION);
                try (JsonParser second = lenient.createParser(body)) {
                    if (scan(second) == null) {
                        return Fault.at(path(parser.streamReadContext()).toString(), JsonErrors.DUPLICATE_FIELD);
                    }
                }
            }
            throw e;
        }
    }

    private static @Nullable Fault scan(JsonParser parser) {
        for (int depth = 0; ; ) {
            JsonToken token = parser.nextToken();
            if (token == null) {
                return null;
            }
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            if (token.isScalarValue()) {
                parser.finishToken(); // strings are decoded lazily
            }
            if (depth == 0 && parser.nextToken() != null) {
                TokenStreamLocation place = parser.currentTokenLocation();
                return Fault.malformed(place.getLineNr());
            }
        }
    }

    @Override
    Fault misfit(Exception thrown) {
        if (!(thrown instanceof JacksonException parse)) {
            return Fault.at(FieldPath.WHOLE, JsonErrors.VALUE_INVALID);
        }
        String path = path(parse.getPath()).toString();
        if (parse instanceof PropertyBindingException) {
            return Fault.at(path, JsonErrors.UNKNOWN_FIELD);
        }
        if (parse instanceof InvalidDefinitionException) {
            return Fault.at(path, ErrorKind.INTERNAL.code());
        }
        if (parse instanceof MismatchedInputException mismatch) {
            return Fault.at(path, isMissing(mismatch) ? JsonErrors.FIELD_MISSING : JsonErrors.TYPE_MISMATCH);
        }
        return Fault.at(path, causeBeyondParser(parse) == null ? JsonErrors.TYPE_MISMATCH : JsonErrors.VALUE_INVALID);
    }

    /** {@return whether the parser stood at a null, or at the end of the object, where it missed a field} */
    private static boolean isMissing(MismatchedInputException mismatch) {
        JsonToken token = mismatch.getCurrentToken();
        return token == JsonToken.VALUE_NULL || token == JsonToken.END_OBJECT;
    }

    @Override
    boolean isOfParser(Throwable thrown) {
        return thrown instanceof JacksonException;
    }

    @Override
    @Nullable
    Object untyped(byte[] body) {
        return Ours.MAPPER.readValue(body, Object.class);
    }

    @Override
    byte[] encode(Object value, Class<?> type) throws IOException {
        try {
            return mapper.writerFor(type).writeValueAsBytes(value);
        } catch (JacksonException e) {
            throw new IOException("The value cannot be written: " + type.getSimpleName(), e);
        }
    }

    @Override
    Map<String, String> propertyNames(Class<?> owner) {
        JavaType type = mapper.constructType(owner);
        Map<String, String> names = new HashMap<>();
        ClassIntrospector written = mapper.serializationConfig().classIntrospectorInstance();
        add(
                names,
                written.introspectForSerialization(type, written.introspectClassAnnotations(type))
                        .findProperties());
        ClassIntrospector read = mapper.deserializationConfig().classIntrospectorInstance();
        add(
                names,
                read.introspectForDeserialization(type, read.introspectClassAnnotations(type))
                        .findProperties());
        return names;
    }

    private static void add(Map<String, String> names, List<BeanPropertyDefinition> properties) {
        for (BeanPropertyDefinition property : properties) {
            names.put(property.getInternalName(), property.getName());
        }
    }

    private static FieldPath path(List<JacksonException.Reference> references) {
        FieldPath path = new FieldPath();
        for (JacksonException.Reference reference : references) {
            String name = reference.getPropertyName();
            if (name == null) {
                path.index(Math.max(reference.getIndex(), 0));
            } else if (reference.from() instanceof Map) {
                path.key(name);
            } else {
                path.name(name);
            }
        }
        return path;
    }

    private static FieldPath path(TokenStreamContext context) {
        TokenStreamContext parent = context.getParent();
        FieldPath path = parent == null ? new FieldPath() : path(parent);
        if (context.hasCurrentName()) {
            path.name(context.currentName());
        } else if (context.inArray()) {
            path.index(Math.max(context.getCurrentIndex(), 0));
        }
        return path;
    }

    /** What neither a mapper of the service nor its factory has a say in; reads what comes from strangers, too. */
    private static final class Ours {
        static final JsonMapper MAPPER = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .addModule(new Jackson3Module())
                .build();

        static final ObjectWriter TREE_WRITER = configured(MAPPER.writerFor(Fields.class));
    }
}
