package dev.underpin.errors.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.Version;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.jsontype.TypeSerializer;
import com.fasterxml.jackson.databind.ser.Serializers;
import com.fasterxml.jackson.databind.type.CollectionType;
import com.fasterxml.jackson.databind.type.MapType;
import dev.underpin.errors.Envelope;
import dev.underpin.errors.internal.FieldName;
import dev.underpin.errors.internal.Fields;
import dev.underpin.result.Unit;
import java.io.IOException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The serializers of our types for Jackson 2. */
final class Jackson2Module extends Module {
    private static final Walk WALK = new Walk();

    @Override
    public String getModuleName() {
        return Jackson2Module.class.getName();
    }

    @Override
    public Version version() {
        return Version.unknownVersion();
    }

    @Override
    public void setupModule(SetupContext context) {
        context.addSerializers(new Ours());
    }

    private static final class Ours extends Serializers.Base {
        @Override
        public @Nullable JsonSerializer<?> findSerializer(
                SerializationConfig config, JavaType type, BeanDescription description) {
            return serializer(type.getRawClass());
        }

        @Override
        public @Nullable JsonSerializer<?> findMapSerializer(
                SerializationConfig config,
                MapType type,
                BeanDescription description,
                JsonSerializer<Object> keys,
                TypeSerializer valueTypes,
                JsonSerializer<Object> values) {
            return serializer(type.getRawClass());
        }

        @Override
        public @Nullable JsonSerializer<?> findCollectionSerializer(
                SerializationConfig config,
                CollectionType type,
                BeanDescription description,
                TypeSerializer elementTypes,
                JsonSerializer<Object> elements) {
            return serializer(type.getRawClass());
        }

        private static @Nullable JsonSerializer<?> serializer(Class<?> type) {
            if (type == Fields.class) {
                return new FieldsSerializer();
            }
            if (type == Envelope.class) {
                return new EnvelopeSerializer();
            }
            if (type == Unit.class) {
                return new UnitSerializer();
            }
            String refusal = TreeWriter.refusal(type);
            return refusal == null ? null : new RefusingSerializer(refusal);
        }
    }

    /** Writes without type ids, which default typing would put in. */
    private abstract static class Untyped<T> extends JsonSerializer<T> {
        @Override
        public final void serializeWithType(
                T value, JsonGenerator out, SerializerProvider context, TypeSerializer types) throws IOException {
            serialize(value, out, context);
        }
    }

    private static final class FieldsSerializer extends Untyped<Fields> {
        @Override
        public void serialize(Fields tree, JsonGenerator out, SerializerProvider context) throws IOException {
            WALK.root(out, context, tree);
        }
    }

    private static final class EnvelopeSerializer extends Untyped<Envelope<?>> {
        @Override
        public void serialize(Envelope<?> envelope, JsonGenerator out, SerializerProvider context) throws IOException {
            WALK.envelope(out, context, envelope);
        }
    }

    private static final class UnitSerializer extends Untyped<Unit> {
        @Override
        public void serialize(Unit unit, JsonGenerator out, SerializerProvider context) throws IOException {
            out.writeNull();
        }
    }

    private static final class RefusingSerializer extends Untyped<Object> {
        private final String reason;

        RefusingSerializer(String reason) {
            this.reason = reason;
        }

        @Override
        public void serialize(Object value, JsonGenerator out, SerializerProvider context) throws IOException {
            throw JsonMappingException.from(out, reason);
        }
    }

    private static final class Walk extends TreeWriter<JsonGenerator, SerializerProvider, IOException> {
        private static final SerializedString[] NAMES = Stream.of(FieldName.values())
                .map(name -> new SerializedString(name.toString()))
                .toArray(SerializedString[]::new);

        @Override
        void startObject(JsonGenerator out) throws IOException {
            out.writeStartObject();
        }

        @Override
        void endObject(JsonGenerator out) throws IOException {
            out.writeEndObject();
        }

        @Override
        void startArray(JsonGenerator out) throws IOException {
            out.writeStartArray();
        }

        @Override
        void endArray(JsonGenerator out) throws IOException {
            out.writeEndArray();
        }

        @Override
        @SuppressWarnings("EnumOrdinal") // of the array above, made from the same enum
        void name(JsonGenerator out, FieldName name) throws IOException {
            out.writeFieldName(NAMES[name.ordinal()]);
        }

        @Override
        void name(JsonGenerator out, String name) throws IOException {
            out.writeFieldName(name);
        }

        @Override
        void string(JsonGenerator out, String value) throws IOException {
            out.writeString(value);
        }

        @Override
        void bool(JsonGenerator out, boolean value) throws IOException {
            out.writeBoolean(value);
        }

        @Override
        void nil(JsonGenerator out) throws IOException {
            out.writeNull();
        }

        @Override
        void raw(JsonGenerator out, String value) throws IOException {
            out.writeRawValue(value);
        }

        @Override
        void any(JsonGenerator out, SerializerProvider context, Object value) throws IOException {
            context.defaultSerializeValue(value, out);
        }
    }
}
