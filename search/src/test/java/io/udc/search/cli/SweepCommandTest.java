package io.udc.search.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import io.udc.json.Json;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepCommandTest {

    /** Too small for any network, so that nothing is trained. */
    private static final String BUDGET = "1B";

    @TempDir
    Path folder;

    @Test
    void aSweepWithoutSearchesIsResumedWithoutThem() {
        CliFixture cli = new CliFixture();
        JsonNode front = cli.json("sweep", "--budgets", BUDGET, "--no-search", "--grid", "8x0", "--out", folder,
                "--set", "dataOptions.shapesTrain=100", "--set", "dataOptions.shapesTest=100");
        assertEquals(0, front.path("points").size());
        cli.run("sweep", "--resume", "--out", folder);
        assertFalse(Json.read(folder.resolve("sweep.json"), JsonNode.class).path("searched").asBoolean(true));
    }
}
