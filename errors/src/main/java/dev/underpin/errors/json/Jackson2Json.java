package dev.underpin.errors.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.PackageVersion;
import com.fasterxml.jackson.databind.exc.InvalidDefinitionException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.PropertyBindingException;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import dev.underpin.errors.Envelope;
import dev.underpin.errors.internal.FieldPath;
import dev.underpin.errors.internal.Fields;
import dev.underpin.result.ErrorKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@link Json} by Jackson 2. Thread-safe. */
@SuppressWarnings("exports") // optional: see module-info
public final class Jackson2Json extends Json {
    private final ObjectMapper mapper;
    private final ObjectWriter writer;
    private final ObjectWriter compactWriter;
    private final ObjectWriter treeWriter;
    private final ObjectReader reader;

    private Jackson2Json(ObjectMapper mapper) {
        this.mapper = mapper;
        writer = mapper.writer().without(SerializationFeature.WRAP_ROOT_VALUE);
        compactWriter = writer.without(SerializationFeature.INDENT_OUTPUT);
        treeWriter = compactWriter.forType(Fields.class);
        reader = mapper.reader()
                .with(DeserializationFeature.WRAP_EXCEPTIONS)
                .without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS); // checked here, to tell it from a misfit
    }

    /**
     * {@return JSON by a mapper} Works on a copy: the mapper is not changed, and later changes to it have no effect.
     *
     * @param mapper the service's mapper
     * @throws IllegalArgumentException if the mapper is one of another format than JSON, cannot be copied, or writes
     *     texts as something else, by a quote character or escapes of its own
     * @throws IllegalStateException if this Jackson is older than 2.18
     */
    public static Jackson2Json of(ObjectMapper mapper) {
        try {
            return ofRecent(mapper);
        } catch (LinkageError e) {
            throw new IllegalStateException("Jackson 2.18 or later is needed, not " + PackageVersion.VERSION, e);
        }
    }

    @SuppressWarnings("ReferenceEquality") // a copy is another instance
    private static Jackson2Json ofRecent(ObjectMapper mapper) {
        String format = mapper.getFactory().getFormatName(); // null where a subclass does not say
        if (format != null && !JsonFactory.FORMAT_NAME_JSON.equals(format)) {
            throw new IllegalArgumentException("mapper must be one of JSON, not of " + format + ": "
                    + mapper.getClass().getName());
        }
        ObjectMapper copy;
        try {
            copy = mapper.copy();
        } catch (RuntimeException e) {
            throw notCopied(mapper, e);
        }
        if (copy == mapper || copy.getClass() != mapper.getClass()) {
            throw notCopied(mapper, null);
        }
        var json = new Jackson2Json(configured(copy));
        json.checkTexts();
        return json;
    }

    private static ObjectMapper configured(ObjectMapper copy) {
        // Without these an answer need not be JSON.
        copy.configure(JsonWriteFeature.QUOTE_FIELD_NAMES.mappedFeature(), true);
        copy.configure(JsonWriteFeature.WRITE_NAN_AS_STRINGS.mappedFeature(), true);
        // As Jackson 3 does: characters beyond the BMP, and slashes, as themselves.
        copy.configure(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8.mappedFeature(), true);
        copy.configure(JsonWriteFeature.ESCAPE_FORWARD_SLASHES.mappedFeature(), false);
        return copy.registerModule(new Jackson2Module());
    }

    private static IllegalArgumentException notCopied(ObjectMapper mapper, @Nullable Exception cause) {
        return new IllegalArgumentException(
                "mapper cannot be copied: " + mapper.getClass().getName()
                        + " must override copy() (and its factory, too) to return a new instance of its own class",
                cause);
    }

    @Override
    public byte[] write(Object tree) {
        try {
            return writer(tree).writeValueAsBytes(Objects.requireNonNull(tree, "tree"));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ObjectWriter writer(Object tree) {
        if (tree instanceof Fields fields) {
            return isAllOurs(fields) ? Ours.TREE_WRITER : treeWriter;
        }
        return tree instanceof Envelope ? compactWriter : writer;
    }

    @Override
    <T> @Nullable T bind(byte[] body, Class<T> type) throws IOException {
        // Closed on success only: where it stands explains a failure. It holds nothing but memory.
        JsonParser parser = reader.createParser(body);
        JsonToken first = parser.nextToken();
        T value = first == null || first == JsonToken.VALUE_NULL
                ? null
                : reader.forType(type).readValue(parser);
        if (parser.nextToken() != null) {
            throw new IOException("The body goes on after its value");
        }
        parser.close();
        return value;
    }

    @Override
    @Nullable
    Fault syntax(byte[] body) {
        try (JsonParser parser = reader.createParser(body)) {
            return scan(parser, body);
        } catch (IOException e) {
            return malformed(e);
        }
    }

    private @Nullable Fault scan(JsonParser parser, byte[] body) throws IOException {
        try {
            return scan(parser);
        } catch (JsonProcessingException e) {
            if (parser.isEnabled(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)) {
                try (JsonParser lenient = reader.createParser(body)) {
                    lenient.disable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
                    if (scan(lenient) == null) {
                        return Fault.at(path(parser.getParsingContext()).toString(), JsonErrors.DUPLICATE_FIELD);
                    }
                }
            }
            throw e;
        }
    }

    private static @Nullable Fault scan(JsonParser parser) throws IOException {
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
                JsonLocation place = parser.currentTokenLocation();
                return Fault.malformed(place.getLineNr());
            }
        }
    }

    private static Fault malformed(IOException thrown) {
        JsonLocation place = thrown instanceof JsonProcessingException parse ? parse.getLocation() : null;
        return place == null ? Fault.malformed(0) : Fault.malformed(place.getLineNr());
    }

    @Override
    Fault misfit(Exception thrown) {
        if (!(thrown instanceof JsonMappingException mapping)) {
            return Fault.at(FieldPath.WHOLE, isOfParser(thrown) ? JsonErrors.TYPE_MISMATCH : JsonErrors.VALUE_INVALID);
        }
        String path = path(mapping.getPath()).toString();
        if (mapping instanceof PropertyBindingException) {
            return Fault.at(path, JsonErrors.UNKNOWN_FIELD);
        }
        if (mapping instanceof InvalidDefinitionException) {
            return Fault.at(path, ErrorKind.INTERNAL.code());
        }
        if (mapping instanceof MismatchedInputException) {
            return Fault.at(path, isMissing(mapping) ? JsonErrors.FIELD_MISSING : JsonErrors.TYPE_MISMATCH);
        }
        return Fault.at(path, causeBeyondParser(mapping) == null ? JsonErrors.TYPE_MISMATCH : JsonErrors.VALUE_INVALID);
    }

    /** {@return whether the parser stood at a null, or at the end of the object, where it missed a field} */
    private static boolean isMissing(JsonMappingException mapping) {
        JsonToken token = mapping.getProcessor() instanceof JsonParser parser ? parser.currentToken() : null;
        return token == JsonToken.VALUE_NULL || token == JsonToken.END_OBJECT;
    }

    @Override
    boolean isOfParser(Throwable thrown) {
        return thrown instanceof JsonProcessingException;
    }

    @Override
    @Nullable
    Object untyped(byte[] body) throws IOException {
        return Ours.READER.readValue(body, Object.class);
    }

    @Override
    byte[] encode(Object value, Class<?> type) throws IOException {
        return mapper.writerFor(type).writeValueAsBytes(value);
    }

    @Override
    Map<String, String> propertyNames(Class<?> owner) {
        JavaType type = mapper.constructType(owner);
        Map<String, String> names = new HashMap<>();
        add(names, mapper.getSerializationConfig().introspect(type).findProperties());
        add(names, mapper.getDeserializationConfig().introspect(type).findProperties());
        return names;
    }

    private static void add(Map<String, String> names, List<BeanPropertyDefinition> properties) {
        for (BeanPropertyDefinition property : properties) {
            names.put(property.getInternalName(), property.getName());
        }
    }

    private static FieldPath path(List<JsonMappingException.Reference> references) {
        FieldPath path = new FieldPath();
        for (JsonMappingException.Reference reference : references) {
            String name = reference.getFieldName();
            if (name == null) {
                path.index(Math.max(reference.getIndex(), 0));
            } else if (reference.getFrom() instanceof Map) {
                path.key(name);
            } else {
                path.name(name);
            }
        }
        return path;
    }

    private static FieldPath path(JsonStreamContext context) {
        JsonStreamContext parent = context.getParent();
        FieldPath path = parent == null ? new FieldPath() : path(parent);
        if (context.hasCurrentName()) {
            path.name(context.getCurrentName());
        } else if (context.inArray()) {
            path.index(Math.max(context.getCurrentIndex(), 0));
        }
        return path;
    }

    /** What neither a mapper of the service nor its factory has a say in. */
    private static final class Ours {
        /** Reads what comes from strangers; a mapper of the service could be set to make objects of any class of it. */
        static final ObjectMapper READER = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

        static final ObjectWriter TREE_WRITER = configured(new ObjectMapper()).writerFor(Fields.class);
    }
}
