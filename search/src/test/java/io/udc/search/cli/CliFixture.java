package io.udc.search.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.udc.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.opentest4j.AssertionFailedError;

/** Runs the command line and looks at what it prints. */
final class CliFixture {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    /** Runs a command that must succeed. */
    CliFixture run(Object... args) {
        int code = execute(args);
        if (code != 0) {
            throw new AssertionFailedError("exit code " + code + ": " + err());
        }
        return this;
    }

    /** Runs a command with --json, which must print nothing but that on standard output. */
    JsonNode json(Object... args) {
        Object[] all = java.util.Arrays.copyOf(args, args.length + 1);
        all[args.length] = "--json";
        run(all);
        return Json.parse(out.toString(StandardCharsets.UTF_8), JsonNode.class, "standard output");
    }

    /** Runs a command that must end with exit code 2 and one line that contains a text. */
    void fails(String message, Object... args) {
        assertEquals(2, execute(args), err());
        assertTrue(err().contains(message), err());
        assertEquals(1, err().lines().count(), err());
        assertEquals(0, out.size());
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private int execute(Object... args) {
        out.reset();
        err.reset();
        String[] texts = java.util.Arrays.stream(args).map(Object::toString).toArray(String[]::new);
        return Main.run(new Console(new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8), false), texts);
    }
}
