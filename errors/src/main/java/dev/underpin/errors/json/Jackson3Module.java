package dev.underpin.errors.json;

import com.fasterxml.jackson.annotation.JsonFormat;
import dev.underpin.errors.Envelope;
import dev.underpin.errors.internal.FieldName;
import dev.underpin.errors.internal.Fields;
import dev.underpin.result.Unit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.Version;
import tools.jackson.core.io.SerializedString;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.SerializationConfig;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.ser.Serializers;
import tools.jackson.databind.type.CollectionType;
import tools.jackson.databind.type.MapType;

/** The serializers of our types for Jackson 3. */
final class Jackson3Module extends JacksonModule {
    private static final Walk WALK = new Walk();

    @Override
    public String getModuleName() {
        return Jackson3Module.class.getName();
    }

    @Override
    public Version version() {
        return Version.unknownVersion();
    }

    @Override
    public void setupModule(SetupContext context) {
        context.addSerializers(new Ours());
    }

    private static final class Ours implements Serializers {
        @Override
        public @Nullable ValueSerializer<?> findSerializer(
                SerializationConfig config,
                JavaType type,
                BeanDescription.Supplier description,
                JsonFormat.Value format) {
            return serializer(type.getRawClass());
        }

        @Override
        public @Nullable ValueSerializer<?> findEnumSerializer(
                SerializationConfig config,
                JavaType type,
                BeanDescription.Supplier description,
                JsonFormat.Value format) {
            return serializer(type.getRawClass());
        }

        @Override
        public @Nullable ValueSerializer<?> findMapSerializer(
                SerializationConfig config,
                MapType type,
                BeanDescription.Supplier description,
                JsonFormat.Value format,
                ValueSerializer<Object> keys,
                TypeSerializer valueTypes,
                ValueSerializer<Object> values) {
            return serializer(type.getRawClass());
        }

        @Override
        public @Nullable ValueSerializer<?> findCollectionSerializer(
                SerializationConfig config,
                CollectionType type,
                BeanDescription.Supplier description,
                JsonFormat.Value format,
                TypeSerializer elementTypes,
                ValueSerializer<Object> elements) {
            return serializer(type.getRawClass());
        }

        private static @Nullable ValueSerializer<?> serializer(Class<?> type) {
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
    private abstract static class Untyped<T> extends ValueSerializer<T> {
        @Override
        public final void serializeWithType(
                T value, JsonGenerator out, SerializationContext context, TypeSerializer types) {
            serialize(value, out, context);
        }
    }

    private static final class FieldsSerializer extends Untyped<Fields> {
        @Override
        public void serialize(Fields tree, JsonGenerator out, SerializationContext context) {
            WALK.root(out, context, tree);
        }
    }

    private static final class EnvelopeSerializer extends Untyped<Envelope<?>> {
        @Override
        public void serialize(Envelope<?> envelope, JsonGenerator out, SerializationContext context) {
            WALK.envelope(out, context, envelope);
        }
    }

    private static final class UnitSerializer extends Untyped<Unit> {
        @Override
        public void serialize(Unit unit, JsonGenerator out, SerializationContext context) {
            out.writeNull();
        }
    }

    private static final class RefusingSerializer extends Untyped<Object> {
        private final String reason;

        RefusingSerializer(String reason) {
            this.reason = reason;
        }

        @Override
        public void serialize(Object value, JsonGenerator out, SerializationContext context) {
            throw DatabindException.from(out, reason);
        }
    }

    private static final class Walk extends TreeWriter<JsonGenerator, SerializationContext, JacksonException> {
        private static final SerializedString[] NAMES = Stream.of(FieldName.values())
                .map(name -> new SerializedString(name.toString()))
                .toArray(SerializedString[]::new);

        @Override
        void startObject(JsonGenerator out) {
            out.writeStartObject();
        }

        @Override
        void endObject(JsonGenerator out) {
            out.writeEndObject();
        }

        @Override
        void startArray(JsonGenerator out) {
            out.writeStartArray();
        }

        @Override
        void endArray(JsonGenerator out) {
            out.writeEndArray();
        }

        @Override
        @SuppressWarnings("EnumOrdinal") // of the array above, made from the same enum
        void name(JsonGenerator out, FieldName name) {
            out.writeName(NAMES[name.ordinal()]);
        }

        @Override
        void name(JsonGenerator out, String name) {
            out.writeName(name);
        }

        @Override
        void string(JsonGenerator out, String value) {
            out.writeString(value);
        }

        @Override
        void bool(JsonGenerator out, boolean value) {
            out.writeBoolean(value);
        }

        @Override
        void nil(JsonGenerator out) {
            out.writeNull();
        }

        @Override
        void raw(JsonGenerator out, String value) {
            out.writeRawValue(value);
        }

        @Override
        void any(JsonGenerator out, SerializationContext context, Object value) {
            context.writeValue(out, value);
        }
    }
}
