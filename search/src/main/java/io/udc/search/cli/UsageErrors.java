package io.udc.search.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.ParameterException;

/** Puts picocli's errors into the words of all the others: the flag, what was found and what was expected. */
final class UsageErrors {

    private static final Pattern BAD_VALUE =
            Pattern.compile("Invalid value for (?:option '(-[^']*)'|positional parameter at index \\d+ "
                    + "\\(<([^>]*)>\\))[^:]*: (.*)", Pattern.DOTALL);
    private static final Pattern BAD_PAIR =
            Pattern.compile("Value for option (?:option )?'(-[^']*)'.* should be in KEY=VALUE.* format but was (.*)");
    private static final Pattern WRONG_TYPE = Pattern.compile("'(.*)' is not an? (\\w+)");
    private static final Pattern WRONG_NAME = Pattern.compile("expected one of \\[(.*)\\] \\(.*\\) but was '(.*)'");

    /** What picocli calls by the names of Java's types. */
    private static final Map<String, String> TYPES = Map.of("int", "a whole number", "long", "a whole number",
            "double", "a number", "boolean", "true or false");

    private UsageErrors() {}

    static String describe(ParameterException error) {
        String message = error.getMessage().replaceFirst("^Error: ", "");
        Matcher pair = BAD_PAIR.matcher(message);
        if (pair.matches()) {
            return pair.group(1) + ": found '" + pair.group(2) + "', expected KEY=VALUE";
        }
        Matcher value = BAD_VALUE.matcher(message);
        return value.matches()
                ? (value.group(1) != null ? value.group(1) : value.group(2)) + ": " + reason(value.group(3))
                : message;
    }

    private static String reason(String reason) {
        Matcher type = WRONG_TYPE.matcher(reason);
        if (type.matches()) {
            return "found '" + type.group(1) + "', expected " + TYPES.getOrDefault(type.group(2), type.group(2));
        }
        Matcher name = WRONG_NAME.matcher(reason);
        return name.matches()
                ? "found '" + name.group(2) + "', expected " + Arrays.stream(name.group(1).split(", "))
                        .map(known -> known.toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(" or "))
                : reason;
    }
}
