package io.udc.npu;

import java.util.List;

/**
 * The encoded tensor of one weighted node as it lies in the NPU's memory: scale/bias records and weight streams of
 * every depth slice and core (docs/weight-stream.md, section 13.6).
 *
 * @param node the node's name
 * @param ofmBlockDepth output channels of one block of the NPU's traversal, which the decoder needs
 * @param depthSlices first output channel of every slice, and the number of output channels as the last element
 * @param tensor the bytes on flash; not copied, so not to be changed
 */
public record EncodedLayer(String node, int ofmBlockDepth, List<Integer> depthSlices, byte[] tensor) {

    public EncodedLayer {
        depthSlices = List.copyOf(depthSlices);
    }
}
