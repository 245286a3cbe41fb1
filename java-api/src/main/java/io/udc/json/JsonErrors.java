package io.udc.json;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Puts what is wrong in a JSON text into one line: the field, what was found and what was expected, in JSON's terms. */
final class JsonErrors {

    private static final Pattern KNOWN_IDS = Pattern.compile("known type ids = \\[([^\\]]*)\\]");
    private static final Pattern ID_KEY = Pattern.compile("missing type id property '([^']*)'");

    /** Longer values are cut in a message. */
    private static final int SHOWN = 40;

    private JsonErrors() {}

    /** @param text what was read */
    static String explain(JsonProcessingException e, String text) {
        if (e instanceof UnrecognizedPropertyException unknown) {
            return "unknown key '" + fieldOf(unknown) + "', expected one of " + unknown.getKnownPropertyIds();
        }
        if (e instanceof InvalidTypeIdException kind) {
            return within(fieldOf(kind), kindOf(kind));
        }
        if (e instanceof JsonMappingException mapping && mapping.getCause() instanceof InputCoercionException) {
            return mismatch(mapping, "a whole number in range", text);
        }
        if (e instanceof JsonMappingException mapping && mapping.getCause() instanceof RuntimeException cause) {
            return within(fieldOf(mapping), cause instanceof NullPointerException
                    ? "found null, expected a value"
                    : firstLine(cause.getMessage()));
        }
        if (e instanceof MismatchedInputException mismatch) {
            return ofMismatch(mismatch, text);
        }
        return syntax(e);
    }

    private static String syntax(JsonProcessingException e) {
        String where = e.getLocation() == null
                ? ""
                : " at line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
        return "not valid JSON" + where + ": " + firstLine(e.getOriginalMessage());
    }

    private static String ofMismatch(MismatchedInputException e, String text) {
        if (e.getOriginalMessage().startsWith("Missing creator property")) {
            return fieldOf(e) + ": missing";
        }
        if (e.getOriginalMessage().startsWith("Trailing token")) {
            return "found more behind the JSON value, expected one value";
        }
        return mismatch(e, expected(e.getTargetType()), text);
    }

    private static String mismatch(JsonMappingException e, String expected, String text) {
        try {
            JsonNode found = at(Json.mapper().readTree(text), e.getPath());
            return within(fieldOf(e), "found " + shown(found) + ", expected " + expected);
        } catch (JsonProcessingException broken) {
            return syntax(broken); // further behind
        }
    }

    /** The kind of a node, of which Jackson tells only the names of classes. */
    private static String kindOf(InvalidTypeIdException e) {
        String message = e.getOriginalMessage();
        Matcher key = ID_KEY.matcher(message);
        if (key.find()) {
            return key.group(1) + ": missing";
        }
        Matcher known = KNOWN_IDS.matcher(message);
        return "found '" + e.getTypeId() + "', expected " + (known.find() ? "one of [" + known.group(1) + "]" : "a kind");
    }

    private static JsonNode at(JsonNode root, List<JsonMappingException.Reference> path) {
        JsonNode node = root;
        for (JsonMappingException.Reference step : path) {
            node = step.getFieldName() != null ? node.path(step.getFieldName()) : node.path(step.getIndex());
        }
        return node;
    }

    private static String shown(JsonNode node) {
        if (node.isContainerNode()) {
            return node.isArray() ? "a list" : "an object";
        }
        String value = node.isTextual() ? "'" + node.textValue() + "'" : node.toString();
        return firstLine(value.length() > SHOWN ? value.substring(0, SHOWN) + "..." : value);
    }

    private static String expected(Class<?> type) {
        if (type == null) {
            return "another value";
        }
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .map(constant -> Json.mapper().convertValue(constant, String.class))
                    .collect(Collectors.joining(", ", "one of [", "]"));
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type == double.class || type == float.class || type == Double.class || type == Float.class) {
            return "a number";
        }
        if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
            return "a whole number";
        }
        if (type.isArray() || Collection.class.isAssignableFrom(type)) {
            return "a list";
        }
        return isText(type) ? "a text" : "an object";
    }

    /** Whether a value is written as a text, such as a size with its unit. */
    private static boolean isText(Class<?> type) {
        return CharSequence.class.isAssignableFrom(type)
                || Arrays.stream(type.getDeclaredMethods())
                        .anyMatch(method -> method.isAnnotationPresent(JsonCreator.class));
    }

    /** Names the field, unless the message does so itself. */
    private static String within(String field, String message) {
        return field.isEmpty() || message.startsWith(field + ".") || message.startsWith(field + ":")
                ? message
                : field + ": " + message;
    }

    private static String fieldOf(JsonMappingException e) {
        return e.getPath().stream()
                .map(step -> step.getFieldName() != null ? "." + step.getFieldName() : "[" + step.getIndex() + "]")
                .collect(Collectors.joining())
                .replaceFirst("^\\.", "");
    }

    private static String firstLine(String message) {
        return message == null ? "unreadable" : message.lines().findFirst().orElse("unreadable");
    }
}
