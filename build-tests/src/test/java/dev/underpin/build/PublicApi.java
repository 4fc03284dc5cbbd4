package dev.underpin.build;

import static java.util.stream.Collectors.joining;

import dev.underpin.build.Checkout.Module;
import java.io.IOException;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
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
import java.util.Set;
import java.util.TreeSet;
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
            text.append('\n').append(Signature.of(type)).append('\n');
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

    private Set<String> members(Class<?> type) {
        Set<String> lines = new TreeSet<>();
        for (Class<?> declaring : declaringTypes(type)) {
            for (Field field : declaring.getDeclaredFields()) {
                if (isVisible(field.getModifiers()) && !field.isSynthetic()) {
                    lines.add(Signature.of(field));
                }
            }
            for (Method method : declaring.getDeclaredMethods()) {
                if (isVisible(method.getModifiers()) && !method.isSynthetic() && !isImplied(method)) {
                    lines.add(Signature.of(method));
                }
            }
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (isVisible(constructor.getModifiers()) && !constructor.isSynthetic()) {
                lines.add(Signature.of(constructor));
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
}
