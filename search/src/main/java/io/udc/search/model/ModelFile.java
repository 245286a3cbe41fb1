package io.udc.search.model;

import io.udc.InputException;
import io.udc.arch.Node;
import io.udc.data.ImageDataset;
import io.udc.format.UdcFile;
import io.udc.format.UdcModel;
import io.udc.integer.IntegerModel;
import io.udc.integer.IntegerNetwork;
import io.udc.integer.Rounding;
import io.udc.npu.EthosLayerCodec;
import io.udc.npu.NpuConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * A .udc file and the network that its streams decode to.
 *
 * @param encoded the file's content
 * @param decoded the integers behind it
 */
public record ModelFile(UdcModel encoded, IntegerModel decoded) {

    /**
     * Reads and decodes a file.
     *
     * @throws InputException if it is not there, damaged, or its streams are no network; the message names it
     */
    public static ModelFile read(Path file) {
        UdcModel encoded = UdcFile.read(file);
        try {
            return new ModelFile(encoded, encoded.decode(new EthosLayerCodec(NpuConfig.parse(encoded.npu()))));
        } catch (InputException | IllegalArgumentException e) {
            throw new InputException(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Share of a data set's pictures that the integer network puts in their class, in percent.
     *
     * @throws InputException if the pictures or classes are not those of the network
     */
    public double accuracy(ImageDataset pictures) {
        return accuracy(pictures, node -> Rounding.TFLITE_REFERENCE);
    }

    /**
     * The same with other roundings.
     *
     * @param roundings the rounding of each node
     * @throws InputException if the pictures or classes are not those of the network
     */
    public double accuracy(ImageDataset pictures, Function<Node, Rounding> roundings) {
        if (!pictures.imageShape().equals(decoded.architecture().input())) {
            throw new InputException(pictures.name() + ": found pictures of " + pictures.imageShape()
                    + ", expected the network's " + decoded.architecture().input());
        }
        List<String> classes = encoded.classNames();
        if (!pictures.classNames().equals(classes)) {
            throw new InputException(pictures.name() + ": found " + pictures.classNames().size() + " classes"
                    + (pictures.classNames().size() == classes.size() ? " of other names" : "")
                    + ", expected the network's " + classes.size());
        }
        try (IntegerNetwork network = new IntegerNetwork(decoded, roundings)) {
            return 100 * network.accuracy(pictures);
        }
    }
}
