package io.udc.search.space;

import io.udc.InputException;
import io.udc.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The search spaces that come with the program, and those in files. */
public final class SpaceCatalog {

    /** The built-in spaces' names. */
    public static final List<String> NAMES = List.of("shapes", "cifar-small", "cifar", "imagenet", "sr-small", "sr");

    private SpaceCatalog() {}

    /**
     * Opens a space.
     *
     * @param nameOrFile one of {@link #NAMES}, or the path of a JSON file
     * @throws InputException if it is neither, or if the file does not describe a space
     */
    public static SearchSpace open(String nameOrFile) {
        if (NAMES.contains(nameOrFile)) {
            return Json.parse(resource(nameOrFile), SearchSpace.class, nameOrFile);
        }
        Path file = Path.of(nameOrFile);
        if (Files.notExists(file)) {
            throw new InputException("--space: found '" + nameOrFile + "', expected one of " + String.join(", ", NAMES)
                    + " or a JSON file");
        }
        return Json.read(file, SearchSpace.class);
    }

    private static String resource(String name) {
        try (InputStream stream = SpaceCatalog.class.getResourceAsStream(name + ".json")) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
