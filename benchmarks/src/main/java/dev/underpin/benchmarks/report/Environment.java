package dev.underpin.benchmarks.report;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What must be known of a machine and a program to judge figures: facts by name, in the order a reader wants them.
 *
 * @param facts the facts; immutable
 */
record Environment(Map<String, String> facts) {
    /** What was run. */
    static final String PRESET = "preset";

    /** How often was measured, and how long: said by the results. */
    static final String REPETITIONS = "repetitions";

    /** Which JVM measured: said by the results. */
    static final String JVM = "jvm";

    /** With which flags: said by the results. */
    static final String JVM_FLAGS = "jvm flags";

    static final String LOAD_AFTER = "load after";

    private static final String VERSION = "version ";

    /** The libraries whose versions matter: ours are the project's own. */
    private static final List<String> LIBRARIES = List.of(
            "io.vavr:vavr",
            "com.leakyabstractions:result",
            "com.hubspot:algebra",
            "com.michael-bull.kotlin-result:kotlin-result-jvm",
            "com.fasterxml.jackson.core:jackson-databind",
            "tools.jackson.core:jackson-databind",
            "org.hibernate.validator:hibernate-validator",
            "com.blazebit:blaze-persistence-integration-graphql-jakarta",
            "org.springframework.graphql:spring-graphql",
            "org.jooq:jooq",
            "org.jdbi:jdbi3-core",
            "org.springframework:spring-jdbc",
            "com.zaxxer:HikariCP",
            "com.h2database:h2",
            "org.postgresql:postgresql",
            "ch.qos.logback:logback-classic",
            "io.github.resilience4j:resilience4j-circuitbreaker",
            "dev.failsafe:failsafe",
            "com.bucket4j:bucket4j_jdk17-core",
            "com.github.ben-manes.caffeine:caffeine",
            "org.springframework:spring-context-support",
            "com.alicp.jetcache:jetcache-core",
            "com.google.guava:guava",
            "org.cache2k:cache2k-core",
            "org.openjdk.jmh:jmh-core");

    private static final List<String> ORDER = List.of(
            PRESET,
            REPETITIONS,
            "date",
            "duration",
            "version",
            "commit",
            JVM,
            JVM_FLAGS,
            "JAVA_TOOL_OPTIONS",
            "JDK_JAVA_OPTIONS",
            "_JAVA_OPTIONS",
            "os",
            "cpu",
            "cores",
            "load before",
            LOAD_AFTER);

    Environment {
        Map<String, String> ordered = new LinkedHashMap<>();
        for (String name : ORDER) {
            if (facts.containsKey(name)) {
                ordered.put(name, facts.get(name));
            }
        }
        new TreeMap<>(facts).forEach(ordered::putIfAbsent);
        facts = java.util.Collections.unmodifiableMap(ordered);
    }

    /** {@return what is known of this machine and this build now; of the JVM that measures only the results know} */
    static Environment here(String preset) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(PRESET, preset);
        facts.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        facts.putAll(build());
        for (String name : List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")) {
            String options = System.getenv(name);
            if (options != null) {
                facts.put(name, options);
            }
        }
        facts.put("os", property("os.name") + " " + property("os.version") + " " + property("os.arch"));
        facts.put("cpu", cpu());
        facts.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        facts.put("load before", load());
        versions().forEach((library, version) -> facts.put(VERSION + library, version));
        return new Environment(facts);
    }

    Environment with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(facts);
        more.put(name, value);
        return new Environment(more);
    }

    /** {@return how busy the machine was in the last minute} */
    static String load() {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        return load < 0 ? "unknown" : String.format(Locale.ROOT, "%.2f", load);
    }

    /** {@return a short name of the JVM, such as JDK 17} */
    String label() {
        String jvm = facts.getOrDefault(JVM, "");
        String version = jvm.replaceFirst(".* (\\d+)[^ ]*$", "$1");
        return version.equals(jvm) ? "this run" : "JDK " + version;
    }

    void write(Path file) throws IOException {
        var text = new StringBuilder();
        var properties = new Properties();
        properties.putAll(facts);
        try (var writer = new java.io.StringWriter()) {
            properties.store(writer, null);
            // The first line is the date of writing; the facts have their own.
            writer.toString()
                    .lines()
                    .skip(1)
                    .sorted()
                    .forEach(line -> text.append(line).append('\n'));
        }
        Files.writeString(file, text);
    }

    static Environment read(Path file) throws IOException {
        var properties = new Properties();
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        Map<String, String> facts = new TreeMap<>();
        properties.stringPropertyNames().forEach(name -> facts.put(name, properties.getProperty(name)));
        return new Environment(facts);
    }

    private static String property(String name) {
        return System.getProperty(name, "unknown");
    }

    private static String cpu() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException | UncheckedIOException e) {
            return "unknown";
        }
    }

    /** The build writes what it was made of. */
    private static Map<String, String> build() {
        var properties = new Properties();
        try (InputStream in = Environment.class.getResourceAsStream("build.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String> facts = new TreeMap<>();
        properties.stringPropertyNames().forEach(name -> facts.put(name, properties.getProperty(name)));
        return facts;
    }

    /** The build writes what it resolved beside the classes. */
    private static Map<String, String> versions() {
        Map<String, String> versions = new LinkedHashMap<>();
        try (InputStream in = Environment.class.getResourceAsStream("/dependencies.txt")) {
            if (in != null) {
                var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
                reader.lines()
                        .map(line -> line.trim().split(":"))
                        .filter(parts -> parts.length >= 4)
                        .forEach(parts -> {
                            String library = parts[0] + ":" + parts[1];
                            if (LIBRARIES.contains(library)) {
                                versions.put(library, parts[3]);
                            }
                        });
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return versions;
    }
}
