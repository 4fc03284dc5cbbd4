package dev.underpin.build;

import static java.util.stream.Collectors.joining;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.AnnotatedTypeVariable;
import java.lang.reflect.AnnotatedWildcardType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericDeclaration;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One declaration as one line of text, the same on every JDK: modifiers, generics, nullness and declared exceptions,
 * without names of parameters. Types have their full name, but for those of {@code java.lang}.
 */
final class Signature {
    private Signature() {}

    static String of(Constructor<?> constructor) {
        return modifiers(constructor) + "new" + parameters(constructor);
    }

    static String of(Method method) {
        return modifiers(method) + name(method.getAnnotatedReturnType()) + " " + method.getName() + parameters(method);
    }

    static String of(Field field) {
        if (field.isEnumConstant()) {
            return annotations(field) + "constant " + field.getName();
        }
        return annotations(field)
                + Modifier.toString(field.getModifiers())
                + " "
                + name(field.getAnnotatedType())
                + " "
                + field.getName();
    }

    static String of(Class<?> type) {
        int modifiers = type.getModifiers() & ~Modifier.INTERFACE;
        if (type.isInterface() || type.isEnum()) {
            modifiers &= ~(Modifier.ABSTRACT | Modifier.STATIC | Modifier.FINAL);
        }
        return annotations(type)
                + Modifier.toString(modifiers)
                + (type.isSealed() ? " sealed " : " ")
                + kind(type)
                + " "
                + type.getCanonicalName()
                + typeParameters(type)
                + components(type)
                + supertypes(type)
                + permitted(type);
    }

    private static String kind(Class<?> type) {
        if (type.isAnnotation()) {
            return "@interface";
        }
        if (type.isInterface()) {
            return "interface";
        }
        if (type.isEnum()) {
            return "enum";
        }
        return type.isRecord() ? "record" : "class";
    }

    private static String components(Class<?> type) {
        return type.isRecord()
                ? list(Stream.of(type.getRecordComponents()).map(RecordComponent::getAnnotatedType), "(", ")")
                : "";
    }

    private static String supertypes(Class<?> type) {
        if (type.isAnnotation()) {
            return "";
        }
        String interfaces = list(
                Arrays.stream(type.getAnnotatedInterfaces()), type.isInterface() ? " extends " : " implements ", "");
        AnnotatedType superclass = type.getAnnotatedSuperclass();
        boolean implied = superclass == null
                || type.isRecord()
                || type.isEnum()
                || Objects.equals(superclass.getType(), Object.class);
        return implied ? interfaces : " extends " + name(superclass) + interfaces;
    }

    private static String permitted(Class<?> type) {
        return type.isSealed()
                ? Stream.of(type.getPermittedSubclasses())
                        .map(Class::getCanonicalName)
                        .sorted()
                        .collect(joining(", ", " permits ", ""))
                : "";
    }

    private static String modifiers(Executable executable) {
        int known = executable instanceof Method ? Modifier.methodModifiers() : Modifier.constructorModifiers();
        int flags = executable.getModifiers() & known & ~Modifier.SYNCHRONIZED & ~Modifier.NATIVE;
        String typeParameters = typeParameters(executable);
        return annotations(executable)
                + Modifier.toString(flags)
                + (executable instanceof Method method && method.isDefault() ? " default " : " ")
                + typeParameters
                + (typeParameters.isEmpty() ? "" : " ");
    }

    private static String parameters(Executable executable) {
        String types = list(Arrays.stream(executable.getAnnotatedParameterTypes()), "(", ")");
        return (types.isEmpty() ? "()" : types)
                + list(Arrays.stream(executable.getAnnotatedExceptionTypes()), " throws ", "");
    }

    private static String typeParameters(GenericDeclaration declaration) {
        return Stream.of(declaration.getTypeParameters())
                .map(Signature::typeParameter)
                .collect(enclosed("<", ">"));
    }

    private static String typeParameter(TypeVariable<?> variable) {
        return annotations(variable)
                + variable.getName()
                + Stream.of(variable.getAnnotatedBounds())
                        .filter(Signature::saysSomething)
                        .map(Signature::name)
                        .collect(enclosed(" extends ", "", " & "));
    }

    private static String list(Stream<AnnotatedType> types, String before, String after) {
        return types.map(Signature::name).collect(enclosed(before, after));
    }

    private static Collector<CharSequence, ?, String> enclosed(String before, String after) {
        return enclosed(before, after, ", ");
    }

    /** Joins, and leaves nothing at all where there is nothing to join. */
    private static Collector<CharSequence, ?, String> enclosed(String before, String after, String between) {
        return Collectors.collectingAndThen(
                joining(between), joined -> joined.isEmpty() ? "" : before + joined + after);
    }

    /** Whether a bound is more than a plain Object. */
    private static boolean saysSomething(AnnotatedType bound) {
        return !Objects.equals(bound.getType(), Object.class) || bound.getAnnotations().length > 0;
    }

    private static String name(AnnotatedType type) {
        if (type instanceof AnnotatedArrayType array) {
            return name(array.getAnnotatedGenericComponentType())
                    + annotations(type).strip() + "[]";
        }
        return annotations(type) + bareName(type);
    }

    private static String bareName(AnnotatedType type) {
        if (type instanceof AnnotatedParameterizedType parameterized) {
            return name(((ParameterizedType) type.getType()).getRawType())
                    + list(Arrays.stream(parameterized.getAnnotatedActualTypeArguments()), "<", ">");
        }
        if (type instanceof AnnotatedTypeVariable) {
            return type.getType().getTypeName();
        }
        if (type instanceof AnnotatedWildcardType wildcard) {
            AnnotatedType[] lower = wildcard.getAnnotatedLowerBounds();
            if (lower.length > 0) {
                return "? super " + name(lower[0]);
            }
            return "?"
                    + Stream.of(wildcard.getAnnotatedUpperBounds())
                            .filter(Signature::saysSomething)
                            .map(Signature::name)
                            .collect(enclosed(" extends ", ""));
        }
        return name(type.getType());
    }

    private static String name(Type type) {
        String name = type instanceof Class<?> known ? known.getCanonicalName() : type.getTypeName();
        return name.startsWith("java.lang.") && name.indexOf('.', "java.lang.".length()) < 0
                ? name.substring("java.lang.".length())
                : name;
    }

    /** The annotations that are there at run time, each with a space behind it. */
    private static String annotations(AnnotatedElement element) {
        return Stream.of(element.getAnnotations())
                .map(Annotation::annotationType)
                .map(annotation -> "@" + annotation.getSimpleName() + " ")
                .sorted()
                .collect(joining());
    }
}
