package io.udc.format;

import io.udc.arch.Architecture;
import io.udc.arch.Shape;
import io.udc.arch.WeightedNode;
import io.udc.integer.IntegerLayer;
import io.udc.integer.IntegerModel;
import io.udc.integer.Quantization;
import io.udc.npu.EncodedLayer;
import io.udc.npu.LayerCodec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A trained network with its weights encoded for an NPU: the content of a .udc file.
 *
 * @param toolVersion version of the program that made it
 * @param task what the network is for: shapes, cifar10, cifar100, imagenet, sr
 * @param classNames names of the output channels of a classifier; empty for other tasks
 * @param architecture the graph
 * @param quantization of the picture and of every node's output, by name
 * @param npu name of the NPU that the streams are for
 * @param layers the weighted nodes' encoded tensors, in execution order
 */
public record UdcModel(
        String toolVersion,
        String task,
        List<String> classNames,
        Architecture architecture,
        Map<String, Quantization> quantization,
        String npu,
        List<EncodedLayer> layers) {

    public UdcModel {
        classNames = List.copyOf(classNames);
        quantization = Collections.unmodifiableMap(new LinkedHashMap<>(quantization));
        layers = List.copyOf(layers);
        List<WeightedNode> nodes = architecture.weightedNodes();
        if (nodes.size() != layers.size()) {
            throw new IllegalArgumentException("layers: found " + layers.size() + ", expected " + nodes.size());
        }
        for (int i = 0; i < nodes.size(); i++) {
            if (!nodes.get(i).name().equals(layers.get(i).node())) {
                throw new IllegalArgumentException("layers[" + i + "]: found '" + layers.get(i).node()
                        + "', expected '" + nodes.get(i).name() + "'");
            }
        }
        if (!classNames.isEmpty() && classNames.size() != outputShape(architecture).channels()) {
            throw new IllegalArgumentException("classNames: found " + classNames.size() + ", expected "
                    + outputShape(architecture).channels());
        }
    }

    /** Encodes a network. */
    public static UdcModel encode(
            String toolVersion, String task, List<String> classNames, IntegerModel model, LayerCodec codec) {
        Architecture architecture = model.architecture();
        Map<String, Shape> shapes = architecture.shapes();
        List<EncodedLayer> encoded = new ArrayList<>();
        for (WeightedNode node : architecture.weightedNodes()) {
            IntegerLayer layer = model.layers().get(encoded.size());
            encoded.add(codec.encode(node, shapes.get(node.input()), layer));
        }
        return new UdcModel(
                toolVersion, task, classNames, architecture, model.quantization(), codec.npu(), encoded);
    }

    /**
     * The network behind the streams.
     *
     * @param codec for the NPU that {@link #npu} names
     * @throws io.udc.InputException if a stream is not valid
     * @throws IllegalArgumentException if the integers do not make a network
     */
    public IntegerModel decode(LayerCodec codec) {
        if (!codec.npu().equals(npu)) {
            throw new IllegalArgumentException("npu: found a codec for " + codec.npu() + ", expected " + npu);
        }
        Map<String, Shape> shapes = architecture.shapes();
        List<IntegerLayer> decoded = new ArrayList<>();
        for (WeightedNode node : architecture.weightedNodes()) {
            decoded.add(codec.decode(node, shapes.get(node.input()), layers.get(decoded.size())));
        }
        return new IntegerModel(architecture, quantization, decoded);
    }

    /** Bytes of all encoded tensors: what the network takes on flash. */
    public long encodedBytes() {
        return layers.stream().mapToLong(layer -> layer.tensor().length).sum();
    }

    /** Bytes of each encoded tensor by the name of its node, in execution order. */
    public Map<String, Long> layerBytes() {
        Map<String, Long> bytes = new LinkedHashMap<>();
        layers.forEach(layer -> bytes.put(layer.node(), (long) layer.tensor().length));
        return bytes;
    }

    private static Shape outputShape(Architecture architecture) {
        return architecture.shapes().get(architecture.output().name());
    }
}
