package io.udc.search.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.udc.files.WholeFile;
import io.udc.search.train.DivergedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;

class ErrorsTest {

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Errors errors =
            new Errors(new Console(new PrintStream(new ByteArrayOutputStream()), new PrintStream(err), false), () -> false);

    @Test
    void aSearchThatDivergesIsToldInOneLineWithWhatMayHelp() {
        errors.failure(new DivergedException("search", "step 7", 0.5, "a lower search.learningRate"));
        assertEquals("udc: search: the loss is not a number in step 7 at learning rate 0.5; a lower search.learningRate may "
                + "help", err.toString(StandardCharsets.UTF_8).strip());
    }

    @Test
    void aLibraryThatCannotBeLoadedIsToldWithTheReasonBehindIt() {
        UnsatisfiedLinkError missing = new UnsatisfiedLinkError("libgomp.so.1: no such file");
        NoClassDefFoundError last = new NoClassDefFoundError("Could not initialize class io.udc.Kernels");
        last.initCause(new ExceptionInInitializerError(missing));
        assertEquals(ExitCode.FAILED, errors.failure(last));
        assertEquals(ExitCode.FAILED, errors.failure(missing));
        String start = "udc: a native library cannot be loaded: ";
        String end = "libgomp.so.1: no such file ('udc doctor' says what is missing)\n";
        assertEquals(start + "Could not initialize class io.udc.Kernels: " + end + start + end,
                err.toString(StandardCharsets.UTF_8).replace("\r\n", "\n"));
    }

    @Test
    void aDiskThatIsFullIsAFailureAndNoWrongInput() {
        assertEquals(ExitCode.FAILED, errors.failure(WholeFile.unwritable(
                "m.tflite:", new IOException("No space left on device"))));
        assertEquals("udc: m.tflite: cannot be written (No space left on device)",
                err.toString(StandardCharsets.UTF_8).strip());
    }

    @Test
    void runningOutOfMemoryIsToldWithWhatHelpsWhereverPicocliMetIt() {
        OutOfMemoryError error = new OutOfMemoryError("this process holds 7 MiB, expected at most 5 MiB");
        CommandLine command = new CommandLine(CommandLine.Model.CommandSpec.create());
        assertEquals(ExitCode.FAILED, errors.failure(error));
        assertEquals(ExitCode.FAILED, errors.failure(new ExecutionException(command, "Error while calling", error)));
        String line = "udc: out of memory: this process holds 7 MiB, expected at most 5 MiB (a smaller batchSize or fewer "
                + "threads need less; UDC_JAVA_OPTS raises the limits)";
        assertEquals(line + "\n" + line + "\n", err.toString(StandardCharsets.UTF_8).replace("\r\n", "\n"));
    }
}
