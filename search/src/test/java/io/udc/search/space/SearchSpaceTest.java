package io.udc.search.space;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.arch.Activation;
import io.udc.arch.Architecture;
import io.udc.arch.Depthwise;
import io.udc.arch.Shape;
import io.udc.json.Json;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SearchSpaceTest {

    static List<String> builtIn() {
        return SpaceCatalog.NAMES;
    }

    @ParameterizedTest
    @MethodSource("builtIn")
    void builtInSpacesSurviveTheWayThroughJson(String name) {
        SearchSpace space = SpaceCatalog.open(name);
        assertEquals(space, Json.parse(Json.text(space), SearchSpace.class, name));
    }

    @ParameterizedTest
    @MethodSource("builtIn")
    void everyRandomChoiceIsAValidArchitectureThatSurvivesJson(String name) {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        SpaceGraph graph = SpaceGraph.of(SpaceCatalog.open(name), new Shape(3, 32, 32), new Head.Classifier(10));
        for (int i = 0; i < 20; i++) {
            Architecture network = graph.architecture(graph.choose((decision, option) -> random.nextDouble()));
            String text = Json.text(network);
            assertEquals(network, Json.parse(text, Architecture.class, "seed " + seed));
            assertEquals(10, network.shapes().get(network.output().name()).channels());
        }
    }

    @Test
    void aSeparableOperatorIsLinearAndAnInvertedOneIsNot() {
        SpaceGraph graph = TinySpaces.everyKind();
        int operator = graph.blocks().get(0).operator();
        assertEquals(Activation.NONE, depthwiseOf(graph, operator, 1).activation());
        assertEquals(Activation.RELU, depthwiseOf(graph, operator, 3).activation());
    }

    private static Depthwise depthwiseOf(SpaceGraph graph, int operator, int chosen) {
        Architecture network = graph.architecture(graph.choose((decision, option) ->
                decision.index() == operator && option == chosen ? 1 : 0));
        return network.nodes().stream()
                .filter(Depthwise.class::isInstance)
                .map(Depthwise.class::cast)
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "weightBits": [2, 4]   | "weightBits": [1, 4]    | weightBits: found 1
            "weightBits": [2, 4]   | "weightBits": [4, 2]    | ascending
            "weightBits": [2, 4]   | "name": "again"         | not valid JSON
            "stride": 1, "widths"  | "stried": 1, "widths"   | stem.stride: missing
            "headKernels": [3]     | "headKernels": [3], "x": 1 | unknown key 'x'
            "headKernels": [3]     | "headKernels": [9]      | headKernels: found 9
            "kernels": [3], "stri  | "kernels": [2], "stri   | stem.kernels: found 2
            "sparsities": [0, 0.5] | "sparsities": [0, 1.5]  | sparsities: found 1.5
            "sparsities": [0, 0.5] | "sparsities": [0, null] | sparsities: found null
            "expansions": []       | "expansions": null      | operators.expansions: found null
            "blocks": 1            | "blocks": 0             | stages.blocks: found 0
            "kernels": [3], "exp   | "kernels": [4], "exp    | operators.kernels: found 4
            """)
    void aWrongValueIsNamedWithItsField(String right, String wrong, String expected) {
        String space = """
                {"name": "s", "weightBits": [2, 4], "sparsities": [0, 0.5],
                 "stem": {"kernels": [3], "stride": 1, "widths": [8]},
                 "stages": [{"widths": [8], "blocks": 1, "stride": 1,
                             "operators": [{"kind": "dense", "kernels": [3], "expansions": []}]}],
                 "headKernels": [3]}""";
        Json.parse(space, SearchSpace.class, "space.json");
        String broken = space.replace(right, wrong);
        InputException error =
                assertThrows(InputException.class, () -> Json.parse(broken, SearchSpace.class, "space.json"));
        assertTrue(error.getMessage().startsWith("space.json: "), error.getMessage());
        assertTrue(error.getMessage().contains(expected), error.getMessage());
    }
}
