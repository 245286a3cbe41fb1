package io.udc.sr;

import io.udc.InputException;
import io.udc.arch.Add;
import io.udc.arch.Architecture;
import io.udc.arch.Dense;
import io.udc.arch.Node;
import io.udc.arch.Shape;
import io.udc.arch.WeightedNode;
import io.udc.image.Picture;
import io.udc.integer.IntegerModel;
import io.udc.integer.IntegerNetwork;
import io.udc.integer.Quantization;
import java.util.HashMap;
import java.util.Map;

/**
 * Enlarges pictures with an integer network for luma; Cb and Cr are enlarged by {@link BicubicResize}. The network
 * runs on one {@link Tile} after the other, so its feature maps take the same memory for pictures of any size, and
 * the result is that of the whole picture in one piece, bit for bit. Immutable.
 */
public final class PictureUpscaler {

    private static final int TILE_SIDE = 256;

    private final IntegerModel model;
    private final LumaTiles tiles;

    /** @throws InputException if the model does not make larger luma pictures of luma pictures */
    public PictureUpscaler(IntegerModel model) {
        this(model, TILE_SIDE);
    }

    /** @param tileSide largest side of the part that is computed at a time, in pixels of the small picture */
    PictureUpscaler(IntegerModel model, int tileSide) {
        this.model = model;
        this.tiles = new LumaTiles(scale(model.architecture()), tileSide, receptiveRadius(model.architecture()));
    }

    /**
     * The scale of a network that makes larger luma pictures of luma pictures.
     *
     * @throws InputException if it does not
     */
    public static int scale(Architecture architecture) {
        int scale = architecture.upscaling().orElseThrow(() -> new InputException(
                "network '" + architecture.name() + "': found no depth to space at its end, expected an upscaler"));
        int channels = architecture.shapes().get(architecture.output().name()).channels();
        if (architecture.input().channels() != 1 || channels != 1) {
            throw new InputException("network '" + architecture.name() + "': found " + architecture.input().channels()
                    + " to " + channels + " channels, expected luma to luma");
        }
        receptiveRadius(architecture);
        return scale;
    }

    /** Ratio of the sides. */
    public int scale() {
        return tiles.scale();
    }

    /** The enlarged picture: grey of grey, colour of colour. */
    public Picture enlarge(Picture picture) {
        if (picture.channels() == 1) {
            return tiles.enlarge(picture, this::run);
        }
        int scale = scale();
        Picture parts = YCbCr.fromRgb(picture);
        byte[] luma = tiles.enlarge(plane(parts, 0), this::run).planes();
        byte[] planes = new byte[Math.multiplyExact(3, luma.length)];
        System.arraycopy(luma, 0, planes, 0, luma.length);
        for (int channel = 1; channel < 3; channel++) {
            byte[] chroma = BicubicResize.upscale(plane(parts, channel), scale).planes();
            System.arraycopy(chroma, 0, planes, channel * luma.length, luma.length);
        }
        return YCbCr.toRgb(new Picture(new Shape(3, picture.height() * scale, picture.width() * scale), planes));
    }

    private static Picture plane(Picture picture, int channel) {
        int pixels = picture.height() * picture.width();
        byte[] plane = new byte[pixels];
        System.arraycopy(picture.planes(), channel * pixels, plane, 0, pixels);
        return new Picture(new Shape(1, picture.height(), picture.width()), plane);
    }

    /** The network's answer as pixels. */
    private byte[] run(Picture part) {
        try (IntegerNetwork network = new IntegerNetwork(model.withInput(part.shape()))) {
            byte[] values = network.run(part.planes(), 1);
            Quantization input = model.quantization().get(Architecture.INPUT);
            Quantization output = model.outputQuantization();
            byte[] pixels = new byte[256]; // of every int8 value
            for (int q = Quantization.MIN; q <= Quantization.MAX; q++) {
                long pixel = Math.round(output.real(q) / input.scale() + input.zeroPoint()) - Quantization.MIN;
                pixels[q - Quantization.MIN] = (byte) Math.max(0, Math.min(255, pixel));
            }
            for (int i = 0; i < values.length; i++) {
                values[i] = pixels[values[i] - Quantization.MIN];
            }
            return values;
        }
    }

    /**
     * How far a pixel of the small picture can be from one that it changes.
     *
     * @throws InputException if the network is no upscaler
     */
    public static int receptiveRadius(Architecture architecture) {
        Map<String, Integer> radii = new HashMap<>(Map.of(Architecture.INPUT, 0));
        for (Node node : architecture.nodes()) {
            int radius = node.inputs().stream().mapToInt(radii::get).max().orElse(0);
            if (node instanceof WeightedNode layer && layer.stride() == 1 && !(node instanceof Dense)) {
                radius += architecture.weightShape(layer).kernelHeight() / 2;
            } else if (!(node instanceof Add || node == architecture.output())) {
                throw new InputException("network '" + architecture.name() + "': found " + node.name()
                        + ", expected convolutions of stride 1 and sums before the one depth to space");
            }
            radii.put(node.name(), radius);
        }
        return radii.get(architecture.output().name());
    }
}
