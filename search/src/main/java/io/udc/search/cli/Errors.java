package io.udc.search.cli;

import io.udc.InputException;
import io.udc.OutputException;
import io.udc.search.CancelledException;
import io.udc.search.train.DivergedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.ParameterException;

/** Turns whatever went wrong into one line and an exit code. */
final class Errors {

    private final Console console;
    private final BooleanSupplier debug;

    /** @param debug whether a stack trace is wanted, known once the arguments are read */
    Errors(Console console, BooleanSupplier debug) {
        this.debug = debug;
        this.console = console;
    }

    /** For picocli: wrong usage. */
    int usage(ParameterException error) {
        CommandLine command = error.getCommandLine();
        report(describe(error) + "  (see '" + command.getCommandSpec().qualifiedName() + " --help')", error);
        return ExitCode.INPUT;
    }

    /** Everything that a command throws. */
    int failure(Throwable thrown) {
        // Picocli wraps what a command that is a method throws.
        boolean wrapped = thrown instanceof ExecutionException && thrown.getCause() instanceof Error;
        Throwable error = wrapped ? thrown.getCause() : thrown;
        if (error instanceof CancelledException) {
            console.line("udc: " + error.getMessage());
            return ExitCode.INTERRUPTED;
        }
        report(describe(error), error);
        return error instanceof InputException ? ExitCode.INPUT : ExitCode.FAILED;
    }

    private void report(String message, Throwable error) {
        console.line("udc: " + message.replaceAll("\\s*\\R\\s*", " ").strip());
        if (debug.getAsBoolean()) {
            error.printStackTrace(console.err());
        }
    }

    private static String describe(Throwable error) {
        if (error instanceof ParameterException usage) {
            return UsageErrors.describe(usage);
        }
        if (error instanceof InputException || error instanceof OutputException || error instanceof DivergedException) {
            return error.getMessage();
        }
        if (error instanceof OutOfMemoryError || isOutOfMemory(error)) {
            return "out of memory: " + firstLine(error)
                    + " (a smaller batchSize or fewer threads need less; UDC_JAVA_OPTS raises the limits)";
        }
        if (error instanceof LinkageError) {
            return "a native library cannot be loaded: " + withReason(error) + " ('udc doctor' says what is missing)";
        }
        if (error instanceof UncheckedIOException || error instanceof IOException) {
            Throwable cause = error instanceof UncheckedIOException ? error.getCause() : error;
            return "reading or writing failed: " + firstLine(cause);
        }
        return "internal error: " + firstLine(error) + " (--debug shows where)";
    }

    private static boolean isOutOfMemory(Throwable error) {
        String message = error.getMessage();
        return message != null
                && (message.contains("not enough memory") || message.contains("CUDA out of memory"));
    }

    /** With what lies behind it, which the last error of a chain often does not say. */
    private static String withReason(Throwable error) {
        Throwable deepest = error;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        String line = firstLine(error);
        String reason = firstLine(deepest);
        return line.contains(reason) ? line : line + ": " + reason;
    }

    private static String firstLine(Throwable error) {
        String message = error.getMessage();
        String line = message == null ? "" : message.lines().findFirst().orElse("").strip();
        return line.isEmpty() ? error.getClass().getSimpleName() : line;
    }
}
