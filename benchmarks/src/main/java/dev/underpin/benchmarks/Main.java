package dev.underpin.benchmarks;

import dev.underpin.benchmarks.report.ReportCommand;
import dev.underpin.benchmarks.report.UsageException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.runner.RunnerException;

/** The command line: {@code report} and {@code merge} make reports, everything else is JMH's own command line. */
public final class Main {
    private Main() {}

    /**
     * Runs a command.
     *
     * @param args the command and its arguments
     * @throws IOException if something cannot be read or written
     * @throws RunnerException if a benchmark fails
     */
    public static void main(String[] args) throws IOException, RunnerException {
        String command = args.length == 0 ? "" : args[0];
        if (!command.equals("report") && !command.equals("merge")) {
            org.openjdk.jmh.Main.main(args);
            return;
        }
        List<String> rest = Arrays.asList(args).subList(1, args.length);
        try {
            if (command.equals("report")) {
                ReportCommand.report(rest);
            } else {
                ReportCommand.merge(rest);
            }
        } catch (UsageException e) {
            System.err.println(e.getMessage());
            System.err.println(ReportCommand.usage());
            System.exit(2);
        }
    }
}
