package io.udc.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.udc.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Reads and writes the project's JSON files with one strict configuration: unknown keys, missing record
 * components and values of the wrong type are errors that name the field.
 */
public final class Json {

    private static final ObjectMapper MAPPER =
            JsonMapper.builder()
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build();

    private Json() {}

    /** A private copy of the mapper, for trees and for callers with rules of their own. */
    public static ObjectMapper mapper() {
        return MAPPER.copy();
    }

    /**
     * Reads a file.
     *
     * @throws InputException if it is not there, is not JSON or does not describe a {@code type}
     */
    public static <T> T read(Path file, Class<T> type) {
        try {
            return parse(Files.readString(file, StandardCharsets.UTF_8), type, file.toString());
        } catch (NoSuchFileException e) {
            throw new InputException(file + ": no such file", e);
        } catch (IOException e) {
            throw new InputException(file + ": cannot be read (" + e.getMessage() + ")", e);
        }
    }

    /**
     * Parses a text.
     *
     * @param source what to call the text in an error message
     */
    public static <T> T parse(String text, Class<T> type, String source) {
        try {
            return MAPPER.readValue(text, type);
        } catch (JsonProcessingException e) {
            throw new InputException(source + ": " + explain(e), e);
        }
    }

    /** One object on one line, for logs of lines. */
    public static String line(Object value) {
        try {
            return MAPPER.writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not representable as JSON: " + value, e);
        }
    }

    /** Indented text that ends with a line feed. */
    public static String text(Object value) {
        try {
            return MAPPER.writeValueAsString(value) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not representable as JSON: " + value, e);
        }
    }

    private static String explain(JsonProcessingException e) {
        if (e instanceof UnrecognizedPropertyException unknown) {
            return "unknown key '" + fieldOf(unknown) + "', expected one of " + unknown.getKnownPropertyIds();
        }
        if (e instanceof InvalidFormatException wrong) {
            return fieldOf(wrong) + ": found '" + wrong.getValue() + "', expected "
                    + expected(wrong.getTargetType());
        }
        if (e instanceof JsonMappingException mapping && mapping.getCause() instanceof RuntimeException cause) {
            return within(fieldOf(mapping), cause instanceof NullPointerException
                    ? "found null, expected a value"
                    : firstLine(cause.getMessage()));
        }
        if (e instanceof MismatchedInputException mismatch) {
            String field = fieldOf(mismatch);
            if (mismatch.getOriginalMessage().startsWith("Missing creator property")) {
                return field + ": missing";
            }
            return (field.isEmpty() ? "" : field + ": ") + firstLine(mismatch.getOriginalMessage());
        }
        String where = e.getLocation() == null
                ? ""
                : " at line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
        return "not valid JSON" + where + ": " + firstLine(e.getOriginalMessage());
    }

    /** Names the field, unless the message does so itself. */
    private static String within(String field, String message) {
        return field.isEmpty() || message.startsWith(field + ".") || message.startsWith(field + ":")
                ? message
                : field + ": " + message;
    }

    private static String expected(Class<?> type) {
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .map(constant -> MAPPER.convertValue(constant, String.class))
                    .collect(Collectors.joining(", ", "one of [", "]"));
        }
        return "a value of type " + type.getSimpleName();
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
