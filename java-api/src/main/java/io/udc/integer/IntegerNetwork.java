package io.udc.integer;

import io.udc.arch.Add;
import io.udc.arch.Architecture;
import io.udc.arch.DepthToSpace;
import io.udc.arch.GlobalAveragePool;
import io.udc.arch.Node;
import io.udc.arch.Shape;
import io.udc.arch.WeightedNode;
import io.udc.data.ImageDataset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Runs an {@link IntegerModel} on the CPU, exactly: the same pictures give the same bytes on every machine.
 * Holds native memory until it is closed. Not thread-safe; uses all cores by itself.
 */
public final class IntegerNetwork implements AutoCloseable {

    private static final int BATCH = 100;

    private final IntegerModel model;
    private final Map<String, IntegerOperator> operators = new HashMap<>();
    private final Map<String, Integer> lastReader = new HashMap<>();

    /** Prepares a network with the rounding of TFLite's reference kernels. */
    public IntegerNetwork(IntegerModel model) {
        this(model, Rounding.TFLITE_REFERENCE);
    }

    /** Prepares a network that rounds everywhere alike. */
    public IntegerNetwork(IntegerModel model, Rounding rounding) {
        this(model, node -> rounding);
    }

    /** @param roundings the rounding of each node, such as {@link Rounding#ofTfliteOnX86} */
    public IntegerNetwork(IntegerModel model, Function<Node, Rounding> roundings) {
        this.model = model;
        Map<String, Shape> shapes = model.architecture().shapes();
        int layer = 0;
        int position = 0;
        for (Node node : model.architecture().nodes()) {
            IntegerLayer integers = node instanceof WeightedNode ? model.layers().get(layer++) : null;
            operators.put(node.name(), operator(node, integers, shapes, roundings.apply(node)));
            for (String input : node.inputs()) {
                lastReader.put(input, position);
            }
            position++;
        }
    }

    public IntegerModel model() {
        return model;
    }

    /**
     * Computes the output of a batch of 8-bit pictures.
     *
     * @param pixels [pictures, channels, rows, columns], unsigned; pixel p enters the network as p - 128
     * @return int8 values [pictures, channels, rows, columns] of the last node
     * @throws IllegalArgumentException if the number of pixels does not fit
     */
    public byte[] run(byte[] pixels, int pictures) {
        Architecture architecture = model.architecture();
        if (pixels.length != pictures * architecture.input().elements()) {
            throw new IllegalArgumentException("pixels: found " + pixels.length + ", expected " + pictures + " x "
                    + architecture.input());
        }
        Map<String, byte[]> maps = new HashMap<>();
        maps.put(Architecture.INPUT, signed(pixels));
        List<Node> nodes = architecture.nodes();
        for (int position = 0; position < nodes.size(); position++) {
            Node node = nodes.get(position);
            byte[][] inputs = node.inputs().stream().map(maps::get).toArray(byte[][]::new);
            maps.put(node.name(), operators.get(node.name()).run(inputs, pictures));
            for (String input : node.inputs()) {
                if (lastReader.get(input) == position) {
                    maps.remove(input);
                }
            }
        }
        return maps.get(architecture.output().name());
    }

    /**
     * The class of each picture: the channel with the greatest output, of equal ones the first.
     *
     * @param pixels as {@link #run} takes them
     */
    public int[] classify(byte[] pixels, int pictures) {
        byte[] outputs = run(pixels, pictures);
        int classes = outputs.length / pictures;
        int[] best = new int[pictures];
        for (int picture = 0; picture < pictures; picture++) {
            int first = picture * classes;
            for (int i = 1; i < classes; i++) {
                if (outputs[first + i] > outputs[first + best[picture]]) {
                    best[picture] = i;
                }
            }
        }
        return best;
    }

    /**
     * Share of a data set's pictures, 0 to 1, that are put in their class.
     *
     * @throws io.udc.InputException if a picture can't be read
     */
    public double accuracy(ImageDataset dataset) {
        int size = Math.toIntExact(dataset.imageShape().elements());
        long right = 0;
        for (int first = 0; first < dataset.size(); first += BATCH) {
            int pictures = Math.min(BATCH, dataset.size() - first);
            byte[] pixels = new byte[pictures * size];
            for (int i = 0; i < pictures; i++) {
                dataset.read(first + i, pixels, i * size);
            }
            int[] classes = classify(pixels, pictures);
            for (int i = 0; i < pictures; i++) {
                right += classes[i] == dataset.label(first + i) ? 1 : 0;
            }
        }
        return (double) right / dataset.size();
    }

    private static byte[] signed(byte[] pixels) {
        byte[] values = new byte[pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            values[i] = (byte) (pixels[i] ^ 0x80);
        }
        return values;
    }

    private IntegerOperator operator(
            Node node, IntegerLayer layer, Map<String, Shape> shapes, Rounding rounding) {
        List<Shape> inputs = new ArrayList<>();
        List<Quantization> from = new ArrayList<>();
        for (String input : node.inputs()) {
            inputs.add(shapes.get(input));
            from.add(model.quantization().get(input));
        }
        Quantization to = model.quantization().get(node.name());
        if (node instanceof WeightedNode weighted) {
            return new ConvolutionOperator(weighted, layer, inputs.get(0), from.get(0), to, rounding);
        } else if (node instanceof Add add) {
            return new AddOperator(add, inputs, from.get(0), from.get(1), to, rounding);
        } else if (node instanceof GlobalAveragePool) {
            return new PoolOperator(inputs.get(0));
        } else if (node instanceof DepthToSpace shuffle) {
            return new DepthToSpaceOperator(inputs.get(0), shuffle.block());
        }
        throw new IllegalStateException("no integer operator for " + node);
    }

    @Override
    public void close() {
        operators.values().forEach(IntegerOperator::close);
    }
}
