package dev.underpin.build;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.SynchronizedTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import dev.underpin.build.Checkout.Module;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * No monitor is held in published code: on JDK 21 to 23 a virtual thread that blocks in one takes its carrier along. Read
 * from the sources, because rules on class files do not see {@code synchronized} blocks.
 */
class MonitorsTest {
    /** Where one is held, and why that does no harm. */
    private static final Map<String, String> ALLOWED = Map.of(
            "ReplicaException.fillInStackTrace",
            "overrides a synchronized method of Throwable, and does nothing in it that blocks");

    @Test
    void published_sources_holdNoMonitor() throws IOException {
        List<String> found = new ArrayList<>();
        for (Module module : Checkout.published()) {
            JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
            try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
                found.addAll(monitors(files.getJavaFileObjectsFromPaths(module.sources())));
            }
        }

        assertThat(new TreeSet<>(found))
                .as("synchronized methods and blocks; use a ReentrantLock, or say in ALLOWED why not")
                .isEqualTo(new TreeSet<>(ALLOWED.keySet()));
    }

    @Test
    void monitors_everyKind_areFound() throws IOException {
        JavaFileObject planted =
                new SimpleJavaFileObject(URI.create("string:///Planted.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return """
                        class Planted {
                            static final Object LOCK = new Object();
                            static { synchronized (LOCK) { LOCK.hashCode(); } }
                            synchronized void method() {}
                            void block() { Runnable nested = () -> { synchronized (this) { method(); } }; }
                            void without() { String text = "synchronized"; } // synchronized
                            class Inner { void deep() { new Object() { synchronized void anonymous() {} }; } }
                        }
                        """;
                    }
                };

        assertThat(monitors(List.of(planted)))
                .containsExactlyInAnyOrder("Planted", "Planted.method", "Planted.block", "Inner.deep.anonymous");
    }

    /** {@return the members that hold a monitor, as {@code Type.member}} */
    private static List<String> monitors(Iterable<? extends JavaFileObject> sources) throws IOException {
        JavacTask task =
                (JavacTask) ToolProvider.getSystemJavaCompiler().getTask(null, null, null, null, null, sources);
        Monitors monitors = new Monitors();
        for (CompilationUnitTree unit : task.parse()) {
            monitors.scan(unit, "");
        }
        return monitors.found;
    }

    /** Finds them; what it carries along is the name of the member it is in. */
    private static final class Monitors extends TreeScanner<@Nullable Void, String> {
        private final List<String> found = new ArrayList<>();

        @Override
        public @Nullable Void visitClass(ClassTree type, String around) {
            // A nested type has a name of its own; an anonymous one is a part of the member it is in.
            String name = type.getSimpleName().toString();
            return super.visitClass(type, name.isEmpty() ? around : name);
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, String around) {
            String name = around + "." + method.getName();
            if (method.getModifiers().getFlags().contains(Modifier.SYNCHRONIZED)) {
                found.add(name);
            }
            return super.visitMethod(method, name);
        }

        @Override
        public @Nullable Void visitSynchronized(SynchronizedTree block, String around) {
            found.add(around);
            return super.visitSynchronized(block, around);
        }
    }
}
