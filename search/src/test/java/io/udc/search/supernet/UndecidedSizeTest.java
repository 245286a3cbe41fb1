package io.udc.search.supernet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.udc.search.space.SpaceGraph;
import io.udc.search.space.TinySpaces;
import org.junit.jupiter.api.Test;

class UndecidedSizeTest {

    @Test
    void aNetworkHasTheLargestOperatorOfEachBlockAndTheMeanOfAllCompressions() {
        SpaceGraph graph = TinySpaces.everyKind();
        long stem = 4 * 3 * 9;
        long first = 8 * 4 * 9; // dense; inverted: 4 * 12 + 12 * 9 + 12 * 8
        long second = 8 * 24 + 24 * 9 + 24 * 8; // inverted, 3 * 8 hidden channels; dense: 8 * 8 * 9
        long classifier = 3 * 8;
        double bits = (2 + 4 + 2 + 3) / 4.0; // at a sparsity of 0.5, 1 for the positions; 2 bits cost no more than 2
        assertEquals((stem + first + second + classifier) * bits / 8, UndecidedSize.ofLargest(graph), 1e-9);
    }
}
