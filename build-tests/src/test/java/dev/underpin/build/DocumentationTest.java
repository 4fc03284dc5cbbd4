package dev.underpin.build;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.ImportTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.Trees;
import dev.underpin.build.Checkout.Module;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every exported type and member says what it is. Read from the sources, because class files carry no comments.
 *
 * <p>Exempt, because another comment speaks for them: methods marked {@code @Override}, the accessors and the compact
 * constructor of a record, and the constants of an enum.
 */
class DocumentationTest {
    private static final Set<String> PACKAGE_ANNOTATIONS =
            Set.of("org.jspecify.annotations.NullMarked", "dev.underpin.result.CheckReturnValue");

    static List<Module> published() {
        return Checkout.published();
    }

    @ParameterizedTest
    @MethodSource("published")
    void exportedApi_everyTypeAndMember_hasJavadoc(Module module) throws IOException {
        try (Sources sources = Sources.of(module.sources())) {
            List<String> undocumented = new ArrayList<>();
            for (CompilationUnitTree unit : sources.units()) {
                if (module.exportedPackages().contains(packageOf(unit))) {
                    for (Tree type : unit.getTypeDecls()) {
                        sources.undocumented(new TreePath(new TreePath(unit), type), undocumented);
                    }
                }
            }

            assertThat(undocumented)
                    .as("exported types and members of %s without Javadoc", module)
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("published")
    void exportedPackage_description_hasContractAndAnnotations(Module module) throws IOException {
        try (Sources sources = Sources.of(module.sources())) {
            Set<String> missing = new TreeSet<>(module.exportedPackages());
            for (CompilationUnitTree unit : sources.units()) {
                if (unit.getSourceFile()
                                .isNameCompatible(
                                        "package-info", unit.getSourceFile().getKind())
                        && annotationsOf(unit).containsAll(PACKAGE_ANNOTATIONS)
                        && sources.hasComment(new TreePath(new TreePath(unit), unit.getPackage()))) {
                    missing.remove(packageOf(unit));
                }
            }

            assertThat(missing)
                    .as(
                            "exported packages of %s without a package-info.java that has a comment and %s",
                            module, PACKAGE_ANNOTATIONS)
                    .isEmpty();
        }
    }

    private static String packageOf(CompilationUnitTree unit) {
        @Nullable ExpressionTree name = unit.getPackageName();
        return name == null ? "" : name.toString();
    }

    /** The full names of the annotations of a package. */
    private static Set<String> annotationsOf(CompilationUnitTree unit) {
        Set<String> names = new TreeSet<>();
        for (AnnotationTree annotation : unit.getPackageAnnotations()) {
            String name = annotation.getAnnotationType().toString();
            names.add(unit.getImports().stream()
                    .map(ImportTree::getQualifiedIdentifier)
                    .map(Tree::toString)
                    .filter(imported -> imported.endsWith("." + name))
                    .findFirst()
                    .orElse(name.contains(".") ? name : packageOf(unit) + "." + name));
        }
        return names;
    }

    /** Parsed sources; nothing is resolved or compiled. */
    private record Sources(StandardJavaFileManager files, Trees trees, List<CompilationUnitTree> units)
            implements AutoCloseable {

        static Sources of(List<Path> paths) throws IOException {
            JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
            StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
            JavacTask task = (JavacTask)
                    compiler.getTask(null, files, null, null, null, files.getJavaFileObjectsFromPaths(paths));
            List<CompilationUnitTree> units = new ArrayList<>();
            task.parse().forEach(units::add);
            return new Sources(files, Trees.instance(task), units);
        }

        boolean hasComment(TreePath path) {
            @Nullable String comment = trees.getDocComment(path);
            return comment != null && !comment.isBlank();
        }

        /** Collects what is exported and has no comment: the type itself, then its members. */
        void undocumented(TreePath path, List<String> found) {
            ClassTree type = (ClassTree) path.getLeaf();
            if (!isExported(path, type.getModifiers())) {
                return;
            }
            note(path, "type " + type.getSimpleName(), found);
            for (Tree member : type.getMembers()) {
                TreePath memberPath = new TreePath(path, member);
                if (member instanceof ClassTree) {
                    undocumented(memberPath, found);
                } else if (member instanceof MethodTree method
                        && isExported(memberPath, method.getModifiers())
                        && !speaksThroughAnother(type, method)) {
                    note(memberPath, type.getSimpleName() + "." + method.getName(), found);
                } else if (member instanceof VariableTree field
                        && isExported(memberPath, field.getModifiers())
                        && !isEnumConstant(type, field)) {
                    note(memberPath, type.getSimpleName() + "." + field.getName(), found);
                }
            }
        }

        private void note(TreePath path, String what, List<String> found) {
            if (!hasComment(path)) {
                CompilationUnitTree unit = path.getCompilationUnit();
                long line = unit.getLineMap()
                        .getLineNumber(trees.getSourcePositions().getStartPosition(unit, path.getLeaf()));
                found.add(Path.of(unit.getSourceFile().toUri()).getFileName() + ":" + line + " " + what);
            }
        }

        /** Whether callers outside the module see a declaration, given that they see the one around it. */
        private static boolean isExported(TreePath path, ModifiersTree modifiers) {
            Set<Modifier> flags = modifiers.getFlags();
            Tree around = path.getParentPath().getLeaf();
            boolean implicitlyPublic =
                    around.getKind() == Tree.Kind.INTERFACE || around.getKind() == Tree.Kind.ANNOTATION_TYPE;
            return flags.contains(Modifier.PUBLIC)
                    || flags.contains(Modifier.PROTECTED)
                    || (implicitlyPublic && !flags.contains(Modifier.PRIVATE));
        }

        private static boolean speaksThroughAnother(ClassTree type, MethodTree method) {
            boolean overrides = method.getModifiers().getAnnotations().stream()
                    .anyMatch(annotation ->
                            annotation.getAnnotationType().toString().equals("Override"));
            return overrides || (type.getKind() == Tree.Kind.RECORD && isRecordMember(type, method));
        }

        private static boolean isRecordMember(ClassTree type, MethodTree method) {
            List<String> components = type.getMembers().stream()
                    .filter(VariableTree.class::isInstance)
                    .map(VariableTree.class::cast)
                    .filter(field -> !field.getModifiers().getFlags().contains(Modifier.STATIC))
                    .map(field -> field.getName().toString())
                    .toList();
            boolean accessor = method.getParameters().isEmpty()
                    && components.contains(method.getName().toString());
            boolean compactConstructor = method.getName().contentEquals("<init>")
                    && method.getParameters().stream()
                            .map(parameter -> parameter.getName().toString())
                            .toList()
                            .equals(components);
            return accessor || compactConstructor;
        }

        private static boolean isEnumConstant(ClassTree type, VariableTree field) {
            // The parser writes a constant as a field whose type is the enum and which has an initialiser.
            return type.getKind() == Tree.Kind.ENUM
                    && field.getType().toString().equals(type.getSimpleName().toString())
                    && field.getModifiers()
                            .getFlags()
                            .containsAll(Set.of(Modifier.PUBLIC, Modifier.STATIC, Modifier.FINAL));
        }

        @Override
        public void close() throws IOException {
            files.close();
        }
    }
}
