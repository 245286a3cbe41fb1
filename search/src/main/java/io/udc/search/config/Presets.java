package io.udc.search.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.udc.InputException;
import io.udc.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The built-in values: {@code defaults.json} has every key, {@code TASK/PRESET.json} what a preset changes. They
 * lie beside this class as resources.
 */
public final class Presets {

    /** Names of the presets that every task has, the shortest run first. */
    public static final List<String> NAMES = List.of("quick", "standard", "full");

    private Presets() {}

    /** The complete tree of a preset. */
    static ObjectNode tree(Task task, String preset) {
        if (!NAMES.contains(preset)) {
            throw new InputException("preset: found '" + preset + "', expected one of " + NAMES);
        }
        String name = task + "/" + preset + ".json";
        ObjectNode tree = ConfigTree.merge(resource("defaults.json"), resource(name), name);
        tree.put("task", task.toString());
        tree.put("preset", preset);
        return tree;
    }

    private static ObjectNode resource(String name) {
        try (InputStream in = Presets.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the resource " + name + " is missing from the jar");
            }
            return Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), ObjectNode.class, name);
        } catch (IOException e) {
            throw new IllegalStateException("the resource " + name + " cannot be read", e);
        }
    }
}
