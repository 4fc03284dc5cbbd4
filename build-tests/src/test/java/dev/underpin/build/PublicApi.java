package dev.underpin.build;

import static java.util.stream.Collectors.joining;

import dev.underpin.build.Checkout.Module;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.module.ModuleDescriptor.Requires;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The public API of a module as sorted text: what the module requires and exports, every exported type and its public
 * and protected members, with generics, nullness, declared exceptions and permitted subtypes. Read from the class
 * files, so it is what callers link against.
 *
 * <p>Left out: names of parameters, values of constants, what an enum has by being one, and the overriding of
 * {@code equals}, {@code hashCode} and {@code toString}. Members inherited from a type that is not exported are listed,
 * because callers see them.
 */
final class PublicApi {
    private static final Set<String> OF_EVERY_OBJECT = Set.of("equals", "hashCode", "toString");
    private static final Set<String> OF_EVERY_ENUM = Set.of("values", "valueOf");

    private final Module module;
    private final Set<String> exported;

    PublicApi(Module module) {
        this.module = module;
        this.exported = module.exportedPackages();
    }

    String describe() throws IOException, ClassNotFoundException {
        StringBuilder text = new StringBuilder("module " + module.descriptor().name() + "\n");
        requirements().forEach(line -> text.append("    ").append(line).append('\n'));
        for (Class<?> type : exportedTypes()) {
            text.append('\n').append(header(type)).append('\n');
            members(type).forEach(line -> text.append("    ").append(line).append('\n'));
        }
        return text.toString();
    }

    private List<String> requirements() {
        Stream<String> exports = exported.stream().map(name -> "exports " + name);
        Stream<String> requires = module.descriptor().requires().stream()
                .filter(required -> !required.modifiers().contains(Requires.Modifier.MANDATED))
                .map(required -> "requires "
                        + sortedLowerCase(required.modifiers())
                        + (required.modifiers().isEmpty() ? "" : " ")
                        + required.name());
        return Stream.concat(exports, requires).sorted().toList();
    }

    private static String sortedLowerCase(Collection<Requires.Modifier> modifiers) {
        return modifiers.stream()
                .map(modifier -> modifier.name().toLowerCase(Locale.ROOT))
                .sorted()
                .collect(joining(" "));
    }

    private List<Class<?>> exportedTypes() throws IOException, ClassNotFoundException {
        List<Class<?>> types = new ArrayList<>();
        for (String name : classNames()) {
            Class<?> type = Class.forName(name, /* initialize= */ false, PublicApi.class.getClassLoader());
            if (isExported(type)) {
                types.add(type);
            }
        }
        types.sort((a, b) -> a.getName().compareTo(b.getName()));
        return types;
    }

    private List<String> classNames() throws IOException {
        Path classes = module.classes();
        try (Stream<Path> files = Files.walk(classes)) {
            return files.map(file -> classes.relativize(file).toString())
                    .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
                    .map(name -> name.substring(0, name.length() - ".class".length())
                            .replace('/', '.')
                            .replace('\\', '.'))
                    .toList();
        }
    }

    private boolean isExported(Class<?> type) {
        if (type.isAnonymousClass() || type.isLocalClass() || !isVisible(type.getModifiers())) {
            return false;
        }
        Class<?> around = type.getEnclosingClass();
        return around == null ? exported.contains(type.getPackageName()) : isExported(around);
    }

    private static boolean isVisible(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private String header(Class<?> type) {
        StringBuilder text = new StringBuilder(annotations(type, true));
        int modifiers = type.getModifiers() & ~Modifier.INTERFACE;
        if (type.isInterface() || type.isEnum()) {
            modifiers &= ~(Modifier.ABSTRACT | Modifier.STATIC | Modifier.FINAL);
        }
        text.append(Modifier.toString(modifiers)).append(type.isSealed() ? " sealed " : " ");
        text.append(kind(type)).append(' ').append(type.getCanonicalName()).append(typeParameters(type));
        if (type.isRecord()) {
            text.append(list(type.getRecordComponents(), RecordComponent::getAnnotatedType, "(", ")"));
        }
        AnnotatedType superclass = type.getAnnotatedSuperclass();
        if (superclass != null
                && !type.isRecord()
                && !type.isEnum()
                && !Objects.equals(superclass.getType(), Object.class)) {
            text.append(" extends ").append(name(superclass));
        }
        if (!type.isAnnotation()) {
            text.append(list(
                    type.getAnnotatedInterfaces(),
                    each -> each,
                    type.isInterface() ? " extends " : " implements ",
                    ""));
        }
        if (type.isSealed()) {
            text.append(Stream.of(type.getPermittedSubclasses())
                    .map(Class::getCanonicalName)
                    .sorted()
                    .collect(joining(", ", " permits ", "")));
        }
        return text.toString();
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

    private Set<String> members(Class<?> type) {
        Set<String> lines = new TreeSet<>();
        for (Class<?> declaring : declaringTypes(type)) {
            for (Field field : declaring.getDeclaredFields()) {
                if (isVisible(field.getModifiers()) && !field.isSynthetic()) {
                    lines.add(field(field));
                }
            }
            for (Method method : declaring.getDeclaredMethods()) {
                if (isVisible(method.getModifiers()) && !method.isSynthetic() && !isImplied(method)) {
                    lines.add(method(method));
                }
            }
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (isVisible(constructor.getModifiers()) && !constructor.isSynthetic()) {
                lines.add(modifiers(constructor) + "new" + parameters(constructor));
            }
        }
        return lines;
    }

    /** The type, and those it inherits from that are listed nowhere else. */
    private Set<Class<?>> declaringTypes(Class<?> type) {
        Set<Class<?>> declaring = new LinkedHashSet<>();
        Deque<Class<?>> open = new ArrayDeque<>(List.of(type));
        while (!open.isEmpty()) {
            Class<?> next = open.remove();
            if (declaring.add(next)) {
                Stream.concat(Stream.ofNullable(next.getSuperclass()), Arrays.stream(next.getInterfaces()))
                        .filter(inherited -> inherited
                                .getName()
                                .startsWith(module.descriptor().name() + "."))
                        .filter(inherited -> !isExported(inherited))
                        .forEach(open::add);
            }
        }
        return declaring;
    }

    private static boolean isImplied(Method method) {
        return OF_EVERY_OBJECT.contains(method.getName())
                || (method.getDeclaringClass().isEnum() && OF_EVERY_ENUM.contains(method.getName()));
    }

    private static String field(Field field) {
        if (field.isEnumConstant()) {
            return annotations(field, true) + "constant " + field.getName();
        }
        return annotations(field, true)
                + Modifier.toString(field.getModifiers())
                + " "
                + name(field.getAnnotatedType())
                + " "
                + field.getName();
    }

    private static String method(Method method) {
        return modifiers(method) + name(method.getAnnotatedReturnType()) + " " + method.getName() + parameters(method);
    }

    private static String modifiers(Executable executable) {
        int known = executable instanceof Method ? Modifier.methodModifiers() : Modifier.constructorModifiers();
        int flags = executable.getModifiers() & known & ~Modifier.SYNCHRONIZED & ~Modifier.NATIVE;
        String typeParameters = typeParameters(executable);
        return annotations(executable, true)
                + Modifier.toString(flags)
                + (executable instanceof Method method && method.isDefault() ? " default " : " ")
                + typeParameters
                + (typeParameters.isEmpty() ? "" : " ");
    }

    private static String parameters(Executable executable) {
        String types = list(executable.getAnnotatedParameterTypes(), each -> each, "(", ")");
        return (types.isEmpty() ? "()" : types)
                + list(executable.getAnnotatedExceptionTypes(), each -> each, " throws ", "");
    }

    private static String typeParameters(GenericDeclaration declaration) {
        return Stream.of(declaration.getTypeParameters())
                .map(PublicApi::typeParameter)
                .collect(enclosed("<", ">"));
    }

    private static String typeParameter(TypeVariable<?> variable) {
        return annotations(variable, false)
                + variable.getName()
                + Stream.of(variable.getAnnotatedBounds())
                        .filter(PublicApi::saysSomething)
                        .map(PublicApi::name)
                        .collect(enclosed(" extends ", "", " & "));
    }

    private static <X> String list(X[] items, Function<X, AnnotatedType> type, String before, String after) {
        return Stream.of(items).map(type).map(PublicApi::name).collect(enclosed(before, after));
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
                    + annotations(type, true).strip() + "[]";
        }
        return annotations(type, true) + bareName(type);
    }

    private static String bareName(AnnotatedType type) {
        if (type instanceof AnnotatedParameterizedType parameterized) {
            return name(((ParameterizedType) type.getType()).getRawType())
                    + list(parameterized.getAnnotatedActualTypeArguments(), each -> each, "<", ">");
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
                            .filter(PublicApi::saysSomething)
                            .map(PublicApi::name)
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

    /** The annotations that callers rely on; a following space if there are any. */
    private static String annotations(AnnotatedElement element, boolean spaced) {
        String text = Stream.of(element.getAnnotations())
                .map(Annotation::annotationType)
                .map(Class::getSimpleName)
                .map(name -> "@" + name)
                .sorted()
                .collect(joining(" "));
        return text.isEmpty() ? "" : text + (spaced || element instanceof TypeVariable ? " " : "");
    }
}
