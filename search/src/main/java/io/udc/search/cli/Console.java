package io.udc.search.cli;

import io.udc.json.Json;
import java.io.PrintStream;

/**
 * Where a command prints. Results go to {@code out}, progress, notes and errors to {@code err}, so that results can be
 * piped.
 *
 * @param out standard output
 * @param err standard error
 * @param interactive whether a person watches a terminal: progress bars instead of lines
 */
public record Console(PrintStream out, PrintStream err, boolean interactive) {

    /** The process's own streams. */
    public static Console system() {
        return new Console(System.out, System.err, isTerminal(System.console()) && System.getenv("CI") == null);
    }

    /** Since Java 22 there is a console where streams are redirected, too; it tells by a method that is new then. */
    private static boolean isTerminal(java.io.Console console) {
        if (console == null) {
            return false;
        }
        try {
            return (boolean) java.io.Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The result of a command without {@code --json}: lines for people. */
    public void result(String text) {
        out.println(text);
    }

    /** A result as a table for people, or as JSON; then the table goes where notes go, for whoever watches. */
    public void result(Object value, String table, boolean asJson) {
        if (asJson) {
            json(value);
        }
        line("");
        if (asJson) {
            line(table);
        } else {
            result(table);
        }
        line("");
    }

    /** A line of progress, a note or an error. */
    public void line(String text) {
        err.println(text);
    }

    /** The result of a {@code --json} command. */
    public void json(Object value) {
        out.print(Json.text(value));
        out.flush();
    }
}
