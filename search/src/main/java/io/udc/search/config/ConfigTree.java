package io.udc.search.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.udc.InputException;
import io.udc.json.Json;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Lays partial JSON objects over a complete one. */
final class ConfigTree {

    private ConfigTree() {}

    /**
     * A copy of {@code base} in which the values of {@code over} replace those of the same key; objects are merged
     * key by key, everything else as a whole.
     *
     * @param source what to call {@code over} in an error
     * @throws InputException if {@code over} has a key that {@code base} does not have
     */
    static ObjectNode merge(ObjectNode base, ObjectNode over, String source) {
        ObjectNode merged = base.deepCopy();
        mergeInto(merged, over, source, "");
        return merged;
    }

    /**
     * A copy in which one value is replaced.
     *
     * @param path keys joined by dots
     * @param source what to call the change in an error
     */
    static ObjectNode set(ObjectNode base, String path, JsonNode value, String source) {
        ObjectNode over = base.objectNode();
        ObjectNode at = over;
        String[] keys = path.split("\\.", -1);
        for (int i = 0; i < keys.length - 1; i++) {
            at = at.putObject(keys[i]);
        }
        at.set(keys[keys.length - 1], value);
        return merge(base, over, source);
    }

    /** A JSON value, or the text itself where it is none: {@code 3}, {@code true}, {@code 64KiB}. */
    static JsonNode value(String text) {
        try {
            JsonNode node = Json.mapper().readTree(text);
            return node == null || node.isMissingNode() ? TextNode.valueOf(text) : node;
        } catch (JsonProcessingException e) {
            return TextNode.valueOf(text);
        }
    }

    /** The values that differ between two trees of the same keys, such as {@code seed: found 1, expected 2}. */
    static List<String> differences(ObjectNode expected, ObjectNode found) {
        List<String> lines = new ArrayList<>();
        collect(expected, found, "", lines);
        return lines;
    }

    private static void collect(ObjectNode expected, ObjectNode found, String prefix, List<String> lines) {
        for (String key : keys(expected)) {
            JsonNode before = expected.get(key);
            JsonNode now = found.path(key);
            if (before instanceof ObjectNode inner && now instanceof ObjectNode other) {
                collect(inner, other, prefix + key + ".", lines);
            } else if (!before.equals(now)) {
                lines.add(prefix + key + ": found " + now + ", expected " + before);
            }
        }
    }

    private static void mergeInto(ObjectNode base, ObjectNode over, String source, String prefix) {
        for (Iterator<Map.Entry<String, JsonNode>> it = over.fields(); it.hasNext(); ) {
            Map.Entry<String, JsonNode> entry = it.next();
            String field = prefix + entry.getKey();
            JsonNode old = base.get(entry.getKey());
            if (old == null) {
                throw new InputException(source + ": unknown key '" + field + "', expected one of " + keys(base));
            }
            if (old instanceof ObjectNode inner) {
                if (!(entry.getValue() instanceof ObjectNode change)) {
                    throw new InputException(
                            source + ": " + field + ": found " + entry.getValue() + ", expected an object");
                }
                mergeInto(inner, change, source, field + ".");
            } else {
                base.set(entry.getKey(), entry.getValue());
            }
        }
    }

    private static List<String> keys(ObjectNode node) {
        List<String> keys = new ArrayList<>();
        node.fieldNames().forEachRemaining(keys::add);
        return keys;
    }
}
