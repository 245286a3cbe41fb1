package io.udc.search.space;

import io.udc.arch.Shape;
import io.udc.search.space.SearchSpace.Operator;
import io.udc.search.space.SearchSpace.Stage;
import io.udc.search.space.SearchSpace.Stem;
import java.util.List;

/** Spaces small enough for tests. */
public final class TinySpaces {

    private TinySpaces() {}

    /** Every kind of decision and of operator, in two blocks of 8x8 pictures; the first two operators are joined. */
    public static SpaceGraph everyKind() {
        return graph(new SearchSpace(
                "tiny",
                List.of(2, 4),
                List.of(0.0, 0.5),
                new Stem(List.of(3), 1, List.of(4)),
                List.of(new Stage(
                        List.of(4, 8),
                        2,
                        2,
                        List.of(
                                new Operator(OperatorKind.DENSE, List.of(3), List.of()),
                                new Operator(OperatorKind.SEPARABLE, List.of(3), List.of()),
                                new Operator(OperatorKind.SEPARABLE, List.of(3, 5), List.of()),
                                new Operator(OperatorKind.INVERTED, List.of(3), List.of(2, 3))))),
                List.of(3)));
    }

    /** Few enough decisions to enumerate every network. */
    public static SpaceGraph countable() {
        return graph(new SearchSpace(
                "countable",
                List.of(2, 8),
                List.of(0.5),
                new Stem(List.of(3), 1, List.of(4)),
                List.of(new Stage(
                        List.of(4, 8),
                        2,
                        1,
                        List.of(
                                new Operator(OperatorKind.DENSE, List.of(1, 3), List.of()),
                                new Operator(OperatorKind.SEPARABLE, List.of(3), List.of())))),
                List.of(3)));
    }

    /** One block that is either large or slow. */
    public static SpaceGraph largeOrSlow() {
        return graph(new SearchSpace(
                "large or slow",
                List.of(4),
                List.of(0.0),
                new Stem(List.of(3), 1, List.of(32)),
                List.of(new Stage(
                        List.of(32),
                        1,
                        1,
                        List.of(
                                new Operator(OperatorKind.DENSE, List.of(3), List.of()),
                                new Operator(OperatorKind.SEPARABLE, List.of(7), List.of())))),
                List.of(3)));
    }

    /** Doubles the sides of grey pictures of 8x8. */
    public static SpaceGraph upscaler() {
        SearchSpace space = new SearchSpace(
                "upscaler",
                List.of(2, 8),
                List.of(0.0, 0.5),
                new Stem(List.of(3, 5), 1, List.of(4, 8)),
                List.of(new Stage(
                        List.of(4, 8),
                        2,
                        1,
                        List.of(
                                new Operator(OperatorKind.DENSE, List.of(1, 3), List.of()),
                                new Operator(OperatorKind.SEPARABLE, List.of(3), List.of()),
                                new Operator(OperatorKind.SEPARABLE, List.of(5), List.of())))),
                List.of(3, 5));
        return SpaceGraph.of(space, new Shape(1, 8, 8), new Head.Upscaler(2));
    }

    private static SpaceGraph graph(SearchSpace space) {
        return SpaceGraph.of(space, new Shape(3, 8, 8), new Head.Classifier(3));
    }
}
